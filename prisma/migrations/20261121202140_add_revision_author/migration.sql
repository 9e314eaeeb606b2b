-- AlterTable
ALTER TABLE "post_revision" ADD COLUMN     "created_by_connection_id" TEXT,
ADD COLUMN     "created_by_person_id" TEXT;

-- AddForeignKey
ALTER TABLE "post_revision" ADD CONSTRAINT "post_revision_created_by_person_id_fkey" FOREIGN KEY ("created_by_person_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "post_revision" ADD CONSTRAINT "post_revision_team_id_created_by_connection_id_fkey" FOREIGN KEY ("team_id", "created_by_connection_id") REFERENCES "connection"("team_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- Whoever drafted a post wrote its first revision. Who wrote later ones was not kept.
UPDATE "post_revision" r
SET "created_by_person_id" = p."created_by_person_id", "created_by_connection_id" = p."created_by_connection_id"
FROM "post" p
WHERE p."id" = r."post_id" AND r."rev" = 1;
