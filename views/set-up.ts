import { Button, Field, Form, Select } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface SetUpValues {
  name: string;
  email: string;
  teamName: string;
  timeZone: string;
}

export interface SetUpViewProps {
  action: string;
  csrfToken: string;
  values: SetUpValues;
  problem?: { field: string | undefined; message: string } | undefined;
  timeZones: readonly string[];
  passwordMinLength: number;
}

export function SetUpView({
  action,
  csrfToken,
  values,
  problem,
  timeZones,
  passwordMinLength,
}: SetUpViewProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  return html`<${Layout} title="Set up" width="narrow" scripts=${['time-zone']}>
    <h1>Set up Grantcast</h1>
    <p>
      You are the first one here. Make your account and your team; everybody and everything else is let in by
      you.
    </p>
    <${Form} action=${action} csrfToken=${csrfToken}>
      <${Field}
        label="Your name"
        name="name"
        value=${values.name}
        error=${errorOf('name')}
        autocomplete="name"
        required
        maxlength=${100}
        autofocus
      />
      <${Field}
        label="Email"
        name="email"
        type="email"
        value=${values.email}
        error=${errorOf('email')}
        autocomplete="username"
        required
      />
      <${Field}
        label="Password"
        name="password"
        type="password"
        hint=${`At least ${passwordMinLength} characters. A few unrelated words are good.`}
        error=${errorOf('password')}
        autocomplete="new-password"
        required
        minlength=${passwordMinLength}
      />
      <${Field}
        label="Team name"
        name="teamName"
        value=${values.teamName}
        error=${errorOf('teamName')}
        autocomplete="organization"
        required
        maxlength=${80}
      />
      <${Select}
        label="Time zone"
        name="timeZone"
        value=${values.timeZone}
        options=${timeZones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
        hint="Times of posts are shown and read in it."
        error=${errorOf('timeZone')}
      />
      <${Button}>Create my account<//>
    <//>
  <//>`;
}
