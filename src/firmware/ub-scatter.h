/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "firmware/ub-partition.h"

G_BEGIN_DECLS

/**
 * UbScatter:
 *
 * A map as read from one file, addresses resolved, roles given, no images looked for yet.
 * Readers: ub-scatter.c (YAML V1/V2 by libyaml), ub-scatter-xml.c, ub-scatter-old.c; this header's
 * ub_scatter_parse() sniffs and picks one. A value, one owner.
 */
typedef struct
{
  char      *version;  /* "V1.1.2"; "old" for the brace format */
  char      *platform; /* as written: "MT6757D" */
  char      *project;
  guint      storages;      /* bit set, 1 << UbStorage */
  guint64    block_size[8]; /* by UbStorage; bytes */
  GPtrArray *partitions;    /* (element-type UbPartition), in file order */
  GPtrArray *notes; /* (element-type utf8): odd but survivable things, one English sentence each */
  guint      home_made; /* score, 0 = none of the signs of shared/facts/scatter.md §6.9 */
} UbScatter;

/* @name: the file's name, for messages and for hints in it (platform, "_emmc"). Hostile bytes welcome.
 * Errors: NOT_A_FIRMWARE (recognised as something else, said in words), BAD_FIRMWARE (with the line). */
UbScatter *ub_scatter_parse (GBytes *bytes, const char *name, GError **error);
/* does a file that begins with @data look like one? @data may be cut; nothing is checked */
gboolean ub_scatter_sniff (const guint8 *data, gsize size);
void     ub_scatter_free (UbScatter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbScatter, ub_scatter_free)

G_END_DECLS
