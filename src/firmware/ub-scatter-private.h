/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "firmware/ub-scatter.h"

G_BEGIN_DECLS

/* the biggest real scatter has 160 entries in 92 kB (shared/facts/scatter.md §5) */
#define UB_SCATTER_MAX_BYTES (4 * 1024 * 1024)
#define UB_SCATTER_MAX_ENTRIES 4096

/**
 * UbScatterRecord:
 *
 * Collects the keys of one section of a scatter in whatever order they come, and makes a partition
 * or general settings of them when the section ends. YAML and XML differ only in how they get here.
 */
typedef struct
{
  UbScatter  *scatter;
  const char *name;       /* the file's, for messages */
  UbStorage   section;    /* storage of the section being read */
  UbStorage   general;    /* storage the whole file is for */
  GPtrArray  *pairs;      /* of the record being read */
  guint       n_entries;  /* entries seen, kept or not */
  guint       keys_seen;  /* bit per known key, of the last entry */
  guint       keys_usual; /* of the entry before it */
  gboolean    is_whole;   /* the format itself says where it ends */
  guint       last_line;
} UbScatterRecord;

/* ub-scatter.c */
char *ub_scatter_display (const char *text);
void  ub_scatter_note (UbScatter *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ub-scatter-text.c */
char *ub_scatter_text_decode (GBytes *bytes, const char *name, GError **error);
char *ub_scatter_text_restore (const char *text);

/* ub-scatter-record.c */
void     ub_scatter_record_init (UbScatterRecord *self, UbScatter *scatter, const char *name);
void     ub_scatter_record_clear (UbScatterRecord *self);
gboolean ub_scatter_record_add (UbScatterRecord *self,
                                const char      *key,
                                const char      *value,
                                guint            line,
                                GError         **error);
gboolean ub_scatter_record_has (UbScatterRecord *self, const char *key);
gboolean ub_scatter_record_finish (UbScatterRecord *self, GError **error);
gboolean ub_scatter_record_end (UbScatterRecord *self, GError **error);
gboolean ub_scatter_record_number (const char *text, guint64 *value);

/* the readers: @text is UTF-8 with LF line ends */
gboolean ub_scatter_yaml_read (UbScatter  *scatter,
                               const char *text,
                               const char *name,
                               GError    **error);
gboolean ub_scatter_xml_read (UbScatter  *scatter,
                              const char *text,
                              const char *name,
                              GError    **error);
gboolean ub_scatter_old_read (UbScatter  *scatter,
                              const char *text,
                              const char *name,
                              GError    **error);
gboolean ub_scatter_old_sniff (const char *text);
gboolean ub_scatter_old_sniff_ota (const char *text);

/* ub-scatter-layout.c: drops duplicates, resolves addresses, refuses overlaps, scores */
gboolean ub_scatter_layout_resolve (UbScatter *scatter, const char *name, GError **error);
guint    ub_scatter_layout_score (UbScatter *scatter);

G_END_DECLS
