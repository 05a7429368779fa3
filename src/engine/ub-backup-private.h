/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-backup.h"

G_BEGIN_DECLS

/* what every copy of ours holds besides its parts */
#define UB_BACKUP_MANIFEST "manifest.json"
/* as sha256sum writes and checks it: manifest, scatter and parts. It also says whether the manifest is whole */
#define UB_BACKUP_SUMS "SHA256SUMS"
/* how the folder's name begins until it is a copy */
#define UB_BACKUP_PARTIAL ".partial-"

struct _UbBackup
{
  GObject parent_instance;

  UbBackupKind kind;
  char        *folder; /* what was opened: a folder, or a file that holds a whole phone */
  GPtrArray   *parts;  /* of UbBackupPart */
  GPtrArray   *pieces; /* of UbBackupPart: the partitions in a whole user area */
  UbPhoneInfo *phone;  /* (nullable) */
  UbLayout    *layout; /* (nullable) */
  GDateTime   *time;
  char        *project;
  char        *scatter; /* (nullable): name of the file beside the manifest */
  char        *scatter_sha256;
  guint64      user_size; /* imported: bytes of the user area, as its table says; 0 unknown */
};

/* --- ub-backup.c --- */
UbBackup *ub_backup_new_empty (UbBackupKind kind, const char *folder);
/* (transfer none): appended; what is not named here is empty */
UbBackupPart *ub_backup_add_part (UbBackup   *self,
                                  const char *name,
                                  UbRegion    region,
                                  guint64     offset,
                                  guint64     length);
/* the entries of @layout that lie in a part that holds the user area. After all parts are there */
void ub_backup_add_pieces (UbBackup *self, const UbLayout *layout);
/* a folder with a manifest, nothing else */
UbBackup *ub_backup_open_own (const char *folder, GError **error);

/* what is read of a file, piece after piece; FALSE ends it */
typedef gboolean (*UbBackupSink) (const guint8 *data,
                                  gsize         size,
                                  guint64       offset,
                                  gpointer      user_data,
                                  GError      **error);

/* progress over several files */
typedef struct
{
  UbDaProgress  progress; /* (nullable) */
  gpointer      user_data;
  GCancellable *cancellable;
  guint64       done;
  guint64       total;
  UbBackupSink  sink; /* (nullable) */
  gpointer      sink_data;
} UbBackupTicker;

/* the file is there, has @length bytes, and that hash. BAD_BACKUP, FILE_READ naming it */
gboolean ub_backup_check_file (const char     *path,
                               guint64         length,
                               const char     *sha256,
                               UbBackupTicker *ticker,
                               GError        **error);

/* the same of one that is open, and has @size bytes */
gboolean ub_backup_check_open (int             fd,
                               guint64         size,
                               const char     *path,
                               guint64         length,
                               const char     *sha256,
                               UbBackupTicker *ticker,
                               GError        **error);

/* --- ub-backup-manifest.c --- */
/* writes manifest and sums of a copy whose parts and scatter are on disk in @folder */
gboolean  ub_backup_manifest_write (UbBackup *self, const char *folder, GError **error);
UbBackup *ub_backup_manifest_read (const char *folder, GError **error);
/* one file's bytes made into a copy, as if they lay in @folder; for tests and fuzzing, too */
UbBackup *ub_backup_manifest_parse (const char *folder, GBytes *bytes, GError **error);

/* --- ub-backup-dump.c --- */
/* the table a file of a user area begins with (GPT, or its copy at the end, or MBR and EBRs), @base bytes into the file. @user_size:
 * bytes of the user area it is for. (transfer full) (nullable): NULL without an error if there is none */
UbLayout *ub_backup_dump_read_table (const char *path, guint64 base, guint64 *user_size);
/* a file that holds a user area, or as much of it as somebody read. BAD_BACKUP where it holds none */
gboolean ub_backup_dump_add (UbBackup *self, const char *path, GError **error);

/* --- ub-backup-import.c --- */
UbBackup *ub_backup_import_open (const char *path, GError **error);
gboolean  ub_backup_import_verify (UbBackup *self, UbBackupTicker *ticker, GError **error);

G_END_DECLS
