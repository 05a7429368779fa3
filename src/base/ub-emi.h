/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * UbEmi:
 *
 * The memory settings of one preloader (shared/protocol/brom-and-legacy.md §4.3): what an agent
 * needs to switch on DRAM. firmware/ub-preloader makes them, da/ chooses and sends them.
 * Record: one memory chip's settings; its bytes are passed on unchanged.
 */
typedef struct
{
  guint8  id[16];    /* as in the record: CID or NAND id, transmission order */
  guint   id_length; /* bytes of @id that count; 0 matches any board (discrete DRAM) */
  guint32 type;   /* low byte 1 DDR1, 2 LPDDR2, 3 LPDDR3, 4 PCDDR3; next byte 0 discrete, 1 NAND, 2
                   eMMC MCP */
  gsize   offset; /* where the record begins in @records */
} UbEmiRecord;

typedef struct
{
  char   *origin;      /* file name, for reports */
  guint   version;     /* decimal digits of MTK_BLOADER_INFO_v…, e.g. 21 */
  gsize   record_size; /* bytes */
  GBytes *block;       /* the whole block, header included (XFLASH sends that) */
  GBytes *records;     /* the records alone, n × record_size (legacy sends these) */
  GArray *index;       /* (element-type UbEmiRecord) */
  /* it is not known where records of this version keep their ids: none has one in @index, and that
   * means nothing */
  gboolean ids_unknown;
} UbEmi;

void ub_emi_free (UbEmi *self);
/* does record @i belong to the memory whose id the phone reports? both byte orders are tried (§5.5)
 */
gboolean ub_emi_record_matches (const UbEmiRecord *record, const guint8 *id, gsize id_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbEmi, ub_emi_free)

G_END_DECLS
