/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-emi.h"
#include "base/ub-layout.h"
#include "base/ub-storage.h"
#include "brom/ub-brom.h"
#include "chips/ub-chip.h"
#include "link/ub-link.h"
#include "wire/ub-key.h"

G_BEGIN_DECLS

/* reads @length bytes at @offset of the phone's first boot area, before its memory is on */
typedef GBytes *(*UbDaBootReader) (guint64  offset,
                                   gsize    length,
                                   gpointer reader_data,
                                   GError **error);
/* the memory settings that the phone keeps in its own boot area of @size bytes; (transfer full) (nullable): none.
 * Called in the worker thread, by dialects whose first part can read the storage */
typedef UbEmi *(*UbDaEmiFinder) (UbDaBootReader read,
                                 gpointer       reader_data,
                                 guint64        size,
                                 gpointer       user_data);

/* what the agent is told of the phone's power */
typedef enum
{
  UB_DA_BATTERY_AUTO,    /* it finds out itself */
  UB_DA_BATTERY_PRESENT, /* it may rely on the battery */
  UB_DA_BATTERY_NONE,    /* USB power alone */
  UB_DA_BATTERY_LAST = UB_DA_BATTERY_NONE,
} UbDaBattery;

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
  UbDaEmiFinder find_emi;   /* (nullable): the phone's own settings, better than all of @emis */
  gpointer      find_emi_data;
  const UbKey  *key; /* (nullable): the maker's, for an agent that wants a login */
  UbDaBattery   battery;
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
  guint32   sector_size; /* what ranges are multiples of: 512, UFS 4096 */
  guint8    cid
      [16]; /* eMMC: in transmission order. UFS: the first 16 bytes of the SHA-256 of all the agent tells of vendor,
                        product and serial number; zeros if it tells nothing */
  gboolean cid_is_unique; /* there is a serial number in it; always with eMMC */
  guint8   memory_id
      [16]; /* what settings of memory are chosen by: eMMC the CID, UFS the begin of its product text */
  guint8   random_id[16];
  guint64  ram_size;
  gboolean dram_by_us; /* we switched DRAM on with @emi_origin */
  char     emi_origin[64];
  gboolean high_speed; /* USB */
  guint8   version_major, version_minor;
  char     agent[64];  /* the agent's own words on itself, for reports; "" */
  gboolean login_done; /* it wanted its maker's login, and got it */
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

  /* (nullable): is this a phone it can drive? Asked before anything is sent */
  gboolean (*check_setup) (UbDa *self, const UbDaSetup *setup, GError **error);
  /* from the agent's first word on; DA1 was sent and started. Progress goes on from its size */
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
  /* (nullable): the whole of a part by the agent's own name */
  gboolean (*write_part) (UbDa         *self,
                          const char   *name,
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
/* does the agent know parts by name? */
gboolean ub_da_has_names (UbDa *self);
/* The whole content of a part by the agent's own name for it: "PGPT", "SGPT", "preloader", "preloader_backup", or one of
 * the phone's table. So are tables (the agent keeps its own idea of them, and writes by it) and preloaders (it switches the boot area on)
 * written, and all parts of phones whose agent refuses ranges. @region and @offset say where it lies: for the check of the
 * range, and for dialects without names, which write there. @length need not be whole sectors. Always from the begin: what was broken off is begun anew */
gboolean ub_da_write_part (UbDa         *self,
                           const char   *name,
                           UbRegion      region,
                           guint64       offset,
                           guint64       length,
                           UbDaSource    source,
                           gpointer      source_data,
                           UbDaProgress  progress,
                           gpointer      user_data,
                           GCancellable *cancellable,
                           GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* @offset and @length in bytes, multiples of the report's sector_size; REFUSED where the phone's policy forbids the range; @source is asked for packets of up to ub_da_get_packet_size() bytes. BOOT1_BOOT2 is the caller's to split. */
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
/* packets of data that arrived damaged, either way, and were sent once more; since @self was made */
guint ub_da_get_n_retries (UbDa *self);
/* for the dialects: one more of them */
void ub_da_add_retry (UbDa *self);

G_END_DECLS
