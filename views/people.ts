import { Button, Card, EmptyState, Field, Form, LinkButton, Notice, Pager, Select } from './components.ts';
import { html } from './html.ts';
import { ROLE_MEANINGS } from './invitation.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

type Role = 'owner' | 'editor' | 'viewer';

export interface ShownMember {
  personId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: Date;
  isDisabled: boolean;
}

export interface ShownInvitation {
  id: string;
  email: string;
  role: Role;
  invitedBy: string;
  expiresAt: Date;
}

export interface PeopleViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  members: readonly ShownMember[];
  invitations: readonly ShownInvitation[];
  /** Of the person who looks. */
  role: Role;
  personId: string;
  /** Just made: the only time that the link can be seen. */
  invited?: { email: string; link: string } | undefined;
  values?: { email: string; role: string } | undefined;
  problem?: { field: string | undefined; message: string } | undefined;
  nextHref: string | undefined;
  firstHref: string | undefined;
}

const ROLES = [
  { value: 'editor', label: `Editor: ${ROLE_MEANINGS.editor}` },
  { value: 'viewer', label: `Viewer: ${ROLE_MEANINGS.viewer}` },
  { value: 'owner', label: `Owner: ${ROLE_MEANINGS.owner}` },
];

export function PeopleView(props: PeopleViewProps) {
  const { viewer, done, members, role, invited, problem } = props;
  const isOwner = role === 'owner';
  const back = { href: '/team', label: 'Team' };
  return html`<${Layout} title="People" viewer=${viewer} section="team" back=${back} scripts=${['copy']}>
    <h1>People</h1>
    <p>Who is in ${viewer.team.name}${!isOwner && '. Owners invite, remove and change roles'}.</p>
    ${done && html`<${Notice} tone="good" isNews>${done}<//>`}
    ${problem && !problem.field && html`<${Notice} tone="problem">${problem.message}<//>`}
    ${invited && html`<${InvitationLink} ...${invited} />`}
    <ul class="list" aria-label="Members">
      ${members.map((member) => html`<${MemberLine} key=${member.personId} ...${props} member=${member} />`)}
    </ul>
    <${Pager} nextHref=${props.nextHref} firstHref=${props.firstHref} />
    <p>
      <a href="/team">Team</a>${' '}has its name, time zone, rules and all else that is set for everybody.
    </p>
    ${isOwner && html`<${Waiting} ...${props} />`} ${isOwner && html`<${InviteForm} ...${props} />`}
  <//>`;
}

function InvitationLink({ email, link }: { email: string; link: string }) {
  return html`<${Card} title=${`The invitation for ${email}`}>
    <p>Copy the link and send it yourself: it is shown this once, works once, and for seven days.</p>
    <div class="field">
      <label for="invitation-link">Invitation link</label>
      <div class="copy"><input id="invitation-link" type="text" readonly data-copy value=${link} /></div>
    </div>
  <//>`;
}

function MemberLine({ viewer, timeZone, role, personId, member }: PeopleViewProps & { member: ShownMember }) {
  const isSelf = member.personId === personId;
  return html`<li>
    <div class="line">
      <span><strong>${member.name}</strong>${isSelf && ' (you)'}</span>
      <span class="badge" data-tone=${member.isDisabled ? 'warning' : undefined}
        >${member.isDisabled ? `${member.role}, switched off` : member.role}</span
      >
    </div>
    <p class="meta">
      <span>${member.email}</span>
      <span>since${' '}<${Moment} at=${member.joinedAt} timeZone=${timeZone} /></span>
    </p>
    ${
      role === 'owner' &&
      html`<details>
        <summary>Change<span class="hidden"> ${member.name}</span></summary>
        <${Form}
          action=${`/people/${member.personId}/role`}
          csrfToken=${viewer.csrfToken}
          label=${`Role of ${member.name}`}
        >
          <input type="hidden" name="team" value=${viewer.team.id} />
          <${Select}
            id=${`role-${member.personId}`}
            label=${`Role of ${member.name}`}
            name="role"
            options=${ROLES}
            value=${member.role}
            hint="What a viewer had scheduled before is held, and their clients can only look."
          />
          <div class="actions">
            <${Button} look="plain">Change the role<//>
            <${LinkButton} href=${`/people/${member.personId}/remove`} look="danger"
              >Remove<span class="hidden"> ${member.name}</span><//
            >
          </div>
        <//>
      </details>`
    }
  </li>`;
}

function Waiting({ viewer, timeZone, invitations }: PeopleViewProps) {
  return html`<${Card} title="Invitations that wait">
    ${
      invitations.length === 0
        ? html`<${EmptyState} title="None." />`
        : html`<ul class="list">
            ${invitations.map(
              (invitation) =>
                html`<li key=${invitation.id}>
                  <div class="line">
                    <strong>${invitation.email}</strong>
                    <span class="badge">${invitation.role}</span>
                  </div>
                  <p class="meta">
                    <span>by ${invitation.invitedBy}</span>
                    <span>ends${' '}<${Moment} at=${invitation.expiresAt} timeZone=${timeZone} /></span>
                  </p>
                  <${Form}
                    action=${`/people/invitations/${invitation.id}/take-back`}
                    csrfToken=${viewer.csrfToken}
                  >
                    <input type="hidden" name="team" value=${viewer.team.id} />
                    <${Button} look="plain"
                      >Take back<span class="hidden"> the invitation for ${invitation.email}</span><//
                    >
                  <//>
                </li>`,
            )}
          </ul>`
    }
  <//>`;
}

function InviteForm({ viewer, values, problem }: PeopleViewProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  return html`<${Card} title="Invite somebody">
    <${Form} action="/people/invitations" csrfToken=${viewer.csrfToken}>
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Field}
        label="Email"
        name="email"
        type="email"
        value=${values?.email}
        error=${errorOf('email')}
        hint="Nothing is sent: you get a link to pass on. Whoever opens it joins as this address."
        autocomplete="off"
        required
      />
      <${Select} label="Role" name="role" options=${ROLES} value=${values?.role} error=${errorOf('role')} />
      <${Button}>Make an invitation link<//>
    <//>
  <//>`;
}
