-- AlterTable
ALTER TABLE "channel" ADD COLUMN     "granted_scopes" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "limits_read_at" TIMESTAMPTZ(6),
ADD COLUMN     "quota" JSONB,
ADD COLUMN     "rate_limited_until" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "delivery" ADD COLUMN     "crash_count" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "channel_link" (
    "id" TEXT NOT NULL,
    "state_hash" BYTEA NOT NULL,
    "browser_hash" BYTEA NOT NULL,
    "team_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "network" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "accounts" BYTEA,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "returned_at" TIMESTAMPTZ(6),

    CONSTRAINT "channel_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "network_app" (
    "network" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "network_app_pkey" PRIMARY KEY ("network","server")
);

-- CreateTable
CREATE TABLE "kill_switch" (
    "id" TEXT NOT NULL,
    "team_id" TEXT,
    "kind" TEXT NOT NULL,
    "target" TEXT,
    "reason" TEXT NOT NULL,
    "created_by_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "kill_switch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notice" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook" (
    "id" TEXT NOT NULL,
    "team_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "created_by_id" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(6),

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_call" (
    "team_id" TEXT NOT NULL,
    "webhook_id" TEXT NOT NULL,
    "notice_id" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(6) DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(6),
    "last_outcome" TEXT,

    CONSTRAINT "webhook_call_pkey" PRIMARY KEY ("webhook_id","notice_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "channel_link_state_hash_key" ON "channel_link"("state_hash");

-- CreateIndex
CREATE INDEX "channel_link_created_at_idx" ON "channel_link"("created_at");

-- CreateIndex
CREATE INDEX "kill_switch_team_id_idx" ON "kill_switch"("team_id");

-- CreateIndex
CREATE INDEX "notice_team_id_created_at_idx" ON "notice"("team_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "notice_team_id_id_key" ON "notice"("team_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_team_id_id_key" ON "webhook"("team_id", "id");

-- CreateIndex
CREATE INDEX "webhook_call_notice_id_idx" ON "webhook_call"("notice_id");

-- AddForeignKey
ALTER TABLE "channel_link" ADD CONSTRAINT "channel_link_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel_link" ADD CONSTRAINT "channel_link_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "kill_switch" ADD CONSTRAINT "kill_switch_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "kill_switch" ADD CONSTRAINT "kill_switch_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notice" ADD CONSTRAINT "notice_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook" ADD CONSTRAINT "webhook_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_call" ADD CONSTRAINT "webhook_call_team_id_webhook_id_fkey" FOREIGN KEY ("team_id", "webhook_id") REFERENCES "webhook"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_call" ADD CONSTRAINT "webhook_call_team_id_notice_id_fkey" FOREIGN KEY ("team_id", "notice_id") REFERENCES "notice"("team_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma cannot say.
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_crash_count" CHECK ("crash_count" >= 0);
-- Whatever a delivery may have to wait for on its channel.
CREATE INDEX "delivery_order" ON "delivery" ("channel_id", "due_at", "id")
    WHERE "state" IN ('scheduled', 'claimed', 'prepared', 'sending', 'unknown');
ALTER TABLE "kill_switch"
    ADD CONSTRAINT "kill_switch_kind" CHECK ("kind" IN ('everything', 'network', 'client', 'channel')),
    ADD CONSTRAINT "kill_switch_target" CHECK (("kind" = 'everything') = ("target" IS NULL));
-- One per thing that is switched off.
CREATE UNIQUE INDEX "kill_switch_once" ON "kill_switch" ("team_id", "kind", "target") NULLS NOT DISTINCT;
-- A call to a webhook waits for its time, or it is over; each webhook's are looked for by themselves.
CREATE INDEX "webhook_call_due" ON "webhook_call" ("webhook_id", "not_before") WHERE "not_before" IS NOT NULL;

-- What a person has to know goes into the team's notices, and to its webhooks, in the statement that makes it so: nothing can
-- forget to tell. A post that stops in the same way on several channels at once is one notice.
CREATE FUNCTION "give_notice"("to_team" text, "about" text, "of" text, "said" jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    notice_id text := 'not_' || substr(new_activity_id(), 5);
BEGIN
    IF EXISTS (SELECT FROM "notice" n WHERE n."team_id" = to_team AND n."kind" = about AND n."target" = of
            AND n."created_at" >= transaction_timestamp()) THEN
        RETURN;
    END IF;
    INSERT INTO "notice" ("id", "team_id", "kind", "target", "detail", "created_at")
    VALUES (notice_id, to_team, about, of, jsonb_strip_nulls(said), clock_timestamp());
    INSERT INTO "webhook_call" ("team_id", "webhook_id", "notice_id", "not_before")
    SELECT to_team, w."id", notice_id, clock_timestamp() FROM "webhook" w
    WHERE w."team_id" = to_team AND w."disabled_at" IS NULL;
END $$;

CREATE FUNCTION "notice_delivery"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM give_notice(NEW."team_id", 'post.' || NEW."state", NEW."post_id", jsonb_build_object(
        'delivery_id', NEW."id", 'channel_id', NEW."channel_id",
        'code', NEW."problem_code", 'message', NEW."problem_message",
        'due_at', to_char(NEW."due_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
    RETURN NULL;
END $$;
CREATE TRIGGER "delivery_is_noticed" AFTER UPDATE ON "delivery" FOR EACH ROW
    WHEN ((OLD."state" IS DISTINCT FROM NEW."state" OR NEW."state" = 'held' AND OLD."problem_code" IS DISTINCT FROM NEW."problem_code")
        AND NEW."state" IN ('awaiting_approval', 'needs_attention', 'held', 'failed', 'missed'))
    EXECUTE FUNCTION "notice_delivery"();

-- What is held for another reason than before: the stop was lifted, and its connection is revoked by now.
CREATE FUNCTION "record_held_anew"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "activity" ("id", "team_id", "at", "actor", "person_id", "connection_id", "action", "target", "result", "detail")
    VALUES (new_activity_id(), NEW."team_id", clock_timestamp(), 'system', NEW."scheduled_by_person_id",
        NEW."scheduled_by_connection_id", 'delivery.held', NEW."post_id", NEW."problem_code",
        jsonb_strip_nulls(jsonb_build_object('deliveryId', NEW."id", 'channelId', NEW."channel_id", 'state', NEW."state",
            'dueAt', NEW."due_at")));
    RETURN NULL;
END $$;
CREATE TRIGGER "delivery_is_held_anew" AFTER UPDATE ON "delivery" FOR EACH ROW
    WHEN (OLD."state" = 'held' AND NEW."state" = 'held' AND OLD."problem_code" IS DISTINCT FROM NEW."problem_code")
    EXECUTE FUNCTION "record_held_anew"();

CREATE FUNCTION "notice_request"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM give_notice(NEW."team_id", 'post.awaiting_approval', NEW."post_id", '{}');
    RETURN NULL;
END $$;
CREATE TRIGGER "approval_request_is_noticed" AFTER INSERT ON "approval_request" FOR EACH ROW
    EXECUTE FUNCTION "notice_request"();

CREATE FUNCTION "notice_channel"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM give_notice(NEW."team_id", 'channel.needs_reconnect', NEW."id",
        jsonb_build_object('network', NEW."network", 'handle', NEW."handle"));
    RETURN NULL;
END $$;
CREATE TRIGGER "channel_is_noticed" AFTER UPDATE ON "channel" FOR EACH ROW
    WHEN (OLD."status" IS DISTINCT FROM NEW."status" AND NEW."status" = 'needs_reconnect' AND NEW."disconnected_at" IS NULL)
    EXECUTE FUNCTION "notice_channel"();
