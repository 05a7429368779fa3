/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-emi.h"
#include "base/ub-layout.h"
#include "base/ub-storage.h"
#include "brom/ub-brom.h"
#include "chips/ub-chip.h"
#include "link/ub-link.h"

G_BEGIN_DECLS

/**
 * UbDaSetup:
 *
 * What is needed to start an agent. Borrowed for the time of ub_da_start().
 */
typedef struct
{
  const UbChip *chip;
  UbBromInfo    brom;
  GBytes       *da1; /* region 1, signature included */
  guint32       da1_address;
  guint32       da1_signature; /* bytes */
  GBytes       *da2;           /* region 2, signature included */
  guint32       da2_address;
  guint32       da2_signature;
  guint         build_year; /* of the container; 0 unknown */
  GPtrArray    *emis;       /* (element-type UbEmi): best first; may be empty */
} UbDaSetup;

/**
 * UbDaReport:
 *
 * What the agent says of the phone's memory. Plain data; sizes in bytes.
 */
typedef struct
{
  UbStorage storage;
  guint64   boot1_size, boot2_size, rpmb_size, gp_size[4], user_size;
  guint8    cid[16]; /* transmission order */
  guint8    random_id[16];
  guint64   ram_size;
  gboolean  dram_by_us; /* we switched DRAM on with @emi_origin */
  char      emi_origin[64];
  gboolean  high_speed; /* USB */
  guint8    version_major, version_minor;
} UbDaReport;

typedef struct
{
  int battery_mv;  /* millivolts */
  int life_time_a; /* eMMC 5 / UFS: tenths used up, 1…11 */
  int life_time_b;
  int pre_eol; /* 1 normal, 2 warning, 3 urgent */
} UbDaHealth;

/* one packet on its way to the phone; valid until the next call */
typedef struct
{
  const guint8 *data;
  gsize         size;
  guint32       checksum; /* ub_da_checksum() of it, made in the reading thread */
} UbDaPacket;

/* gives the next packet: exactly @size bytes. Called in the worker thread */
typedef gboolean (*UbDaSource) (gpointer user_data, gsize size, UbDaPacket *packet, GError **error);
/* takes what was read */
typedef gboolean (*UbDaSink) (gpointer user_data, const guint8 *data, gsize size, GError **error);
/* bytes moved so far of this one operation */
typedef void (*UbDaProgress) (guint64 done, guint64 total, gpointer user_data);

typedef enum
{
  UB_DA_FINISH_REBOOT,
  UB_DA_FINISH_POWER_OFF,
} UbDaFinish;

#define UB_TYPE_DA (ub_da_get_type ())
G_DECLARE_DERIVABLE_TYPE (UbDa, ub_da, UB, DA, GObject)

/**
 * UbDa:
 *
 * A download agent running on the phone. One class for each dialect; which one is decided by chip and
 * container, never by a menu. All calls block; one thread. Every range is checked here against the
 * report, because genuine agents do not (shared/protocol/genuine-agents.md §5).
 */
struct _UbDaClass
{
  GObjectClass parent_class;

  gboolean (*start) (UbDa            *self,
                     const UbDaSetup *setup,
                     UbDaReport      *report,
                     UbDaProgress     progress,
                     gpointer         user_data,
                     GCancellable    *cancellable,
                     GError         **error);
  gboolean (*write) (UbDa         *self,
                     UbRegion      region,
                     guint64       offset,
                     guint64       length,
                     UbDaSource    source,
                     gpointer      source_data,
                     UbDaProgress  progress,
                     gpointer      user_data,
                     GCancellable *cancellable,
                     GError      **error);
  gboolean (*read) (UbDa         *self,
                    UbRegion      region,
                    guint64       offset,
                    guint64       length,
                    UbDaSink      sink,
                    gpointer      sink_data,
                    UbDaProgress  progress,
                    gpointer      user_data,
                    GCancellable *cancellable,
                    GError      **error);
  gboolean (*erase) (UbDa         *self,
                     UbRegion      region,
                     guint64       offset,
                     guint64       length,
                     UbDaProgress  progress,
                     gpointer      user_data,
                     GCancellable *cancellable,
                     GError      **error);
  UbLayout *(*read_layout) (UbDa *self, GError **error);
  gboolean (*write_layout) (UbDa *self, const UbLayout *layout, GError **error); /* (nullable) */
  void (*read_health) (UbDa *self, UbDaHealth *health);                          /* (nullable) */
  gboolean (*finish) (UbDa *self, UbDaFinish how, GError **error);
  guint32 (*checksum) (UbDa *self, const guint8 *data, gsize size);
  gsize (*get_packet_size) (UbDa *self);
};

/* (transfer full) (nullable): UNSUPPORTED for a dialect that is not there yet */
UbDa *ub_da_new (UbProtocol protocol, UbLink *link, GError **error);
/* uploads DA1 through boot ROM or preloader (identified, watchdog off), jumps, and brings DA2 up to its report.
 * @progress covers both uploads. Errors: AGENT_REFUSED, NEEDS_AUTH, AGENT_SILENT, DRAM, NO_EMI, WRONG_STORAGE (no storage found), UNSUPPORTED … */
gboolean          ub_da_start (UbDa            *self,
                               const UbDaSetup *setup,
                               UbDaReport      *report,
                               UbDaProgress     progress,
                               gpointer         user_data,
                               GCancellable    *cancellable,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;
const UbDaReport *ub_da_get_report (UbDa *self);
/* bytes of @region, 0 if there is none */
guint64 ub_da_report_get_capacity (const UbDaReport *report, UbRegion region);
guint64 ub_da_get_capacity (UbDa *self, UbRegion region);
/* @offset and @length in bytes, multiples of 512; @source is asked for packets of up to ub_da_get_packet_size() bytes. BOOT1_BOOT2 is the caller's to split. */
gboolean ub_da_write (UbDa         *self,
                      UbRegion      region,
                      guint64       offset,
                      guint64       length,
                      UbDaSource    source,
                      gpointer      source_data,
                      UbDaProgress  progress,
                      gpointer      user_data,
                      GCancellable *cancellable,
                      GError      **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_read (UbDa         *self,
                     UbRegion      region,
                     guint64       offset,
                     guint64       length,
                     UbDaSink      sink,
                     gpointer      sink_data,
                     UbDaProgress  progress,
                     gpointer      user_data,
                     GCancellable *cancellable,
                     GError      **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean ub_da_erase (UbDa         *self,
                      UbRegion      region,
                      guint64       offset,
                      guint64       length,
                      UbDaProgress  progress,
                      gpointer      user_data,
                      GCancellable *cancellable,
                      GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* the agent's own idea of the table (READ_PMT); NULL with an error if it has none */
UbLayout *ub_da_read_layout (UbDa *self, GError **error);
/* MediaTek's own table (kind PMT) by the agent's own command; UNSUPPORTED where a dialect or chip has none */
gboolean ub_da_write_layout (UbDa           *self,
                             const UbLayout *layout,
                             GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* what the agent tells besides its report; what it does not tell stays -1. Never an error: a phone that refuses stays usable */
void ub_da_read_health (UbDa *self, UbDaHealth *health);
/* whatever happened before; the link is of no use afterwards */
gboolean ub_da_finish (UbDa *self, UbDaFinish how, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* pure and thread-safe: the checksum this dialect wants for a packet */
guint32 ub_da_checksum (UbDa *self, const guint8 *data, gsize size);
gsize   ub_da_get_packet_size (UbDa *self);
UbLink *ub_da_get_link (UbDa *self);

G_END_DECLS
