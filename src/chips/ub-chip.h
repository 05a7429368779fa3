/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  UB_PROTOCOL_UNKNOWN,
  UB_PROTOCOL_LEGACY,
  UB_PROTOCOL_XFLASH,
  UB_PROTOCOL_XML,
} UbProtocol;

/* what a legacy agent wants after its configuration block (shared/protocol/brom-and-legacy.md §5.2)
 */
typedef enum
{
  UB_FLOW_V4,
  UB_FLOW_V3,          /* single stage; not supported */
  UB_FLOW_FORCE_DRAM,  /* u32 */
  UB_FLOW_NEW_COMBO,   /* u32 */
  UB_FLOW_GPT,         /* u32, builds of 2019 and later only */
  UB_FLOW_SLC,         /* u32 count + 20-byte records, if DA1 contains "SLC percent" */
  UB_FLOW_SKIP_DL_SLC, /* u32, then as SLC */
} UbFlow;

typedef struct
{
  guint32 address;
  guint32 value;
  guint   width; /* 16 or 32 bits */
} UbChipWatchdog;

/**
 * UbChip:
 *
 * What is known of one chip, from data/chips.ini. The hw code a phone answers is the key; names
 * are for people and for comparing with a scatter's platform. Immutable, lives for ever.
 */
typedef struct
{
  guint16        hw_code;    /* GET_HW_CODE's answer */
  guint16        agent_code; /* hw code field to look for in an agent container */
  const char    *name;       /* "MT6580" */
  const char   **aliases;    /* (array zero-terminated=1): "MT6757D", "MT8382" … */
  UbProtocol     protocol;
  UbFlow         flow;            /* legacy only */
  UbChipWatchdog watchdog[2];     /* width 0: unused */
  guint          emi_versions[3]; /* decimal, 0 = unused */
  gboolean       emi_single;      /* one record chosen by the host (§5.5 b) instead of a list */
  gboolean       bmt_word;        /* the DA2 report has a BMT word */
  gboolean       phone_info;      /* MT6592: 16 bytes of time and MAC in 61, 62, D4 */
} UbChip;

/* (transfer none) (nullable) */
const UbChip *ub_chip_find (guint16 hw_code);
/* the first chip whose name or alias is @platform, variant letters (MT6735M, MT6763V) ignored; NULL
 * if none */
const UbChip *ub_chip_find_by_platform (const char *platform);
/* may a firmware that says @platform go onto this chip? compared by hw code and family, not by
 * string */
gboolean ub_chip_fits_platform (const UbChip *chip, const char *platform);
/* the first chip that uses this agent code */
const UbChip *ub_chip_find_by_agent_code (guint16 agent_code);
guint         ub_chip_get_count (void);
const UbChip *ub_chip_get (guint i);
const char   *ub_protocol_to_string (UbProtocol protocol);

G_END_DECLS
