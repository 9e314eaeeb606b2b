-- AlterTable
ALTER TABLE "team" ADD COLUMN     "language" TEXT;
