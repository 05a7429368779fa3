/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 file_offset;
  guint32 length; /* bytes, signature included */
  guint32 load_address;
  guint32 signature_offset;
  guint32 signature_length;
} UbAgentRegion;

typedef struct
{
  guint16       hw_code; /* the agent code of chips.ini */
  guint16       hw_sub_code;
  guint16       hw_version;
  guint16       sw_version;
  guint16       entry_region_index;
  guint16       n_regions;
  UbAgentRegion regions[10];
} UbAgentEntry;

/**
 * UbAgentFile:
 *
 * An agent container (shared/protocol/brom-and-legacy.md §3). Only the table is held in memory;
 * regions are read when asked for. Immutable.
 */
typedef struct _UbAgentFile UbAgentFile;

gboolean     ub_agent_file_sniff (const guint8 *data,
                                  gsize         size); /* does a file begin like a container? */
UbAgentFile *ub_agent_file_open (const char *path, GError **error);
UbAgentFile *ub_agent_file_parse (GBytes     *head,
                                  guint64     file_size,
                                  const char *name,
                                  GError    **error);
void         ub_agent_file_free (UbAgentFile *self);
const char  *ub_agent_file_get_id (UbAgentFile *self); /* "MTK_AllInOne_DA_v3.3001.2019-02-01…" */
gboolean     ub_agent_file_is_v6 (UbAgentFile *self);  /* XML agents */
guint        ub_agent_file_get_year (
           UbAgentFile
               *self); /* of the build, 0 if the id does not tell; v7.1420 → 2014, v7.1504 → 2015 */
guint               ub_agent_file_get_n_entries (UbAgentFile *self);
const UbAgentEntry *ub_agent_file_get_entry (UbAgentFile *self, guint i);
/* exact match first, else the highest hw_version/sw_version not above the phone's (§3.4); NULL if none */
const UbAgentEntry *ub_agent_file_select (UbAgentFile *self,
                                          guint16      agent_code,
                                          guint16      sub_code,
                                          guint16      hw_version,
                                          guint16      sw_version);
/* region @index (1 = DA1, 2 = DA2); BAD_AGENT if it lies outside of the file */
GBytes *ub_agent_file_load (UbAgentFile        *self,
                            const UbAgentEntry *entry,
                            guint               index,
                            GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbAgentFile, ub_agent_file_free)

G_END_DECLS
