/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define UB_CHECKSUM_FILE_MAX_BYTES (1024 * 1024)

/* one line of Checksum.ini or one file of scatter_checksum.xml; any of the sums may be there */
typedef struct
{
  char    *name;      /* partition (ini) or file (XML) */
  gboolean has_sum16; /* ini, [CheckSum] */
  guint16  sum16;
  gboolean has_add32; /* XML, chk_method ADD */
  guint32  add32;
  char    *md5; /* (nullable): ini, [CHECKSUM_V2]; lower-case hex */
} UbChecksumEntry;

/* Returns: (transfer full) (element-type UbChecksumEntry). Lines that say nothing are left out. BAD_FIRMWARE if the
 * XML is none */
GPtrArray *ub_checksum_file_parse (GBytes *bytes, const char *name, GError **error);
/* (nullable) (transfer none): the entry for a partition or for its file, in any case */
const UbChecksumEntry *ub_checksum_file_find (GPtrArray  *entries,
                                              const char *partition,
                                              const char *file);
/* reads @path; the strongest sum of @entry decides. FALSE on cancel and FILE_READ */
gboolean ub_checksum_file_compare (const UbChecksumEntry *entry,
                                   const char            *path,
                                   gboolean              *good,
                                   GCancellable          *cancellable,
                                   GError               **error);

G_END_DECLS
