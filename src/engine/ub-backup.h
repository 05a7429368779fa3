/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/ub-phone-info.h"

G_BEGIN_DECLS

typedef enum
{
  UB_BACKUP_SAFETY,   /* taken by us before a job */
  UB_BACKUP_READBACK, /* asked for */
  UB_BACKUP_IMPORTED, /* SP Flash Tool's or mtkclient's: no manifest, nothing says which phone it is from */
} UbBackupKind;

/* one file of a copy, or a piece of one; sizes in bytes */
typedef struct
{
  char    *name; /* partition's name as in the phone's table, or "boot1", "boot2", "user", "table", "table-copy" */
  UbRegion region;
  guint64  offset; /* in the region */
  guint64  length;
  char    *path;        /* absolute */
  guint64  path_offset; /* where in the file it begins; 0 but for imported whole dumps */
  char    *sha256;      /* (nullable): hex; NULL in imported ones */
  gboolean is_protected;
  gboolean is_missing; /* the phone could not read it; @path is NULL then */
  char    *trouble;    /* (nullable): why */
} UbBackupPart;

#define UB_TYPE_BACKUP (ub_backup_get_type ())
G_DECLARE_FINAL_TYPE (UbBackup, ub_backup, UB, BACKUP, GObject)

/**
 * UbBackup:
 *
 * A copy of a phone, or of parts of it, in a folder that describes itself (manifest.json: chip ids,
 * layout, hashes, tool version; a scatter beside it). Immutable, thread-safe. Bound to the phone it was
 * read from.
 */

/* A folder with a manifest, or (imported) a folder or file of SP Flash Tool (ROM_0 …, or single parts beside a scatter) or
 * mtkclient (part.bin …, boot1.bin, gpt.bin; a whole user.bin/flash.bin whose GPT is parsed). Reads no content but headers and tables.
 * Nothing outside the folder is ever opened: names with "..", "/" or symlinks leading out are BAD_BACKUP. FILE_MISSING, FILE_READ, BAD_BACKUP */
UbBackup *ub_backup_open (const char *path, GError **error);
/* every file there, of its size, with its hash; imported: tables parse, parts inside of their region, a preloader in boot1. BAD_BACKUP naming the
 * file. @progress: bytes; may be NULL */
gboolean ub_backup_verify (UbBackup    *self,
                           UbDaProgress progress,
                           gpointer     user_data,
                           GCancellable *cancellable,
                           GError     **error);
UbBackupKind        ub_backup_get_kind (UbBackup *self);
const char         *ub_backup_get_folder (UbBackup *self);
GPtrArray          *ub_backup_get_parts (UbBackup *self); /* (transfer none) (element-type UbBackupPart) */
/* (transfer none) (element-type UbBackupPart): the partitions in a copy of the whole user area, each a part of that one file; empty in other
 * copies. No hashes of their own */
GPtrArray          *ub_backup_get_pieces (UbBackup *self);
const UbBackupPart *ub_backup_find (UbBackup *self, const char *name); /* case-insensitive; parts, then pieces */
UbPhoneInfo        *ub_backup_get_phone (UbBackup *self); /* (nullable): NULL in imported ones; with report and layout */
const UbLayout     *ub_backup_get_layout (UbBackup *self); /* (nullable): of the phone when it was read */
GDateTime          *ub_backup_get_time (UbBackup *self);
const char         *ub_backup_get_project (UbBackup *self); /* of the firmware it was taken for; "" */
guint64             ub_backup_get_size (UbBackup *self);    /* bytes of all parts */
gboolean            ub_backup_is_whole (UbBackup *self);    /* boot1, boot2 and the whole user area */
UbSamePhone         ub_backup_is_from (UbBackup *self, UbPhoneInfo *phone);
/* reads @size bytes of @part from @offset in the part; FILE_READ, BAD_BACKUP if there are fewer */
gboolean ub_backup_read (UbBackup           *self,
                         const UbBackupPart *part,
                         guint64             offset,
                         guint8             *data,
                         gsize               size,
                         GError            **error);
/* is @part nothing but zeros, or nothing but FF, from @offset in the part on? FALSE, too, if it is missing or cannot be read */
gboolean ub_backup_is_blank (UbBackup *self, const UbBackupPart *part, guint64 offset);

/**
 * UbBackupWriter:
 *
 * Writes a copy into a folder that is not there yet. Nothing is a copy until
 * ub_backup_writer_finish(): until then the folder has another name and is removed by free. One thread.
 */
typedef struct _UbBackupWriter UbBackupWriter;

/* @total: bytes that will come, compared with the room on the disk first (NO_SPACE); @project (nullable); @phone with report.
 * The folder's parents are made, mode 0700. FILE_WRITE, NO_SPACE */
UbBackupWriter *ub_backup_writer_new (const char  *folder,
                                      UbBackupKind kind,
                                      UbPhoneInfo *phone,
                                      const char  *project,
                                      guint64      total,
                                      GError     **error);
void            ub_backup_writer_free (UbBackupWriter *self);
gboolean        ub_backup_writer_begin (UbBackupWriter *self,
                                        const char     *name,
                                        UbRegion        region,
                                        guint64         offset,
                                        guint64         length,
                                        gboolean        is_protected,
                                        GError        **error);
/* an #UbDaSink over an #UbBackupWriter; hashes; runs of zeros become holes */
gboolean ub_backup_writer_sink (gpointer user_data, const guint8 *data, gsize size, GError **error);
/* exactly @length bytes came; fsync */
gboolean ub_backup_writer_end (UbBackupWriter *self, GError **error);
/* the part just begun could not be read: it is noted as missing */
void ub_backup_writer_miss (UbBackupWriter *self, const GError *why);
/* the part just begun was cut off: as if it had never begun. Nothing if none was */
void ub_backup_writer_drop (UbBackupWriter *self);
/* reads every file back and compares its hash, writes scatter and manifest, fsyncs files and folders, gives the folder its name.
 * (transfer full). FILE_WRITE, NO_SPACE, BAD_BACKUP naming the file */
UbBackup *ub_backup_writer_finish (UbBackupWriter *self,
                                   UbDaProgress    progress,
                                   gpointer        user_data,
                                   GCancellable   *cancellable,
                                   GError        **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbBackupWriter, ub_backup_writer_free)

G_END_DECLS
