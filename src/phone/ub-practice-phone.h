/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/ub-storage.h"
#include "link/ub-link-source.h"

G_BEGIN_DECLS

/* how the phone is entered */
typedef enum
{
  UB_ENTER_PRELOADER,
  UB_ENTER_BOOT_ROM,
} UbEnter;

typedef enum
{
  UB_TABLE_GPT,
  UB_TABLE_EBR, /* MBR + EBR chain and a PMT: MT6572, 6582, 6592 of their time; only with legacy agents */
} UbTable;

typedef struct
{
  const char *chip; /* "MT6580"; any of ub_practice_phone_list_chips() */
  UbEnter     enter;
  UbTable     table;
  guint64     boot_size; /* boot1 and boot2 each, bytes, 64 KiB or more; 0: 4 MiB */
  guint64
      user_size; /* bytes; 0: 64 MiB. Less (4 MiB or more) makes all parts and images 16 times smaller */
  guint    build_year; /* of the agent: 2014 or 2015 old numbering, 2019 and later new; 0: 2019 */
  gboolean fragmented; /* answers byte by byte */
  guint32  target_config; /* SBC/SLA/DAA …, 0 = open */
  guint serial; /* tells phones of one chip apart: CID, ME_ID, SOC_ID and random id come from it */
  gboolean blank; /* fresh storage: no preloader, so it comes as boot ROM, and no table */
  UbStorage
      storage; /* EMMC or UFS; UNKNOWN: eMMC. UFS only where a chip's agents know it: boot_size and user_size are LU0, LU1 and LU2 */
  /* The maker of the practice phones: SBC, SLA and DAA bits of @target_config are meant. With DAA only agents it signed are taken, with SLA only
   * after its login, with SBC ranges over signed parts are refused and parts written by name must carry its signature.
   * ub_practice_firmware_write() then signs what it makes and adds auth, cert and key file */
  gboolean agent_login; /* the agent, too, wants the maker's login */
  char     active_slot; /* 'a' or 'b' of a phone with two sets of parts; 0: 'a' */
  guint    window_ms;   /* how long a preloader waits for a handshake; 0: 2500 */
} UbPracticePhoneOptions;

/**
 * UbPracticePhone:
 *
 * The phone's side of every dialect over a sparse flash in memory: boot ROM, preloader, agents. Written from the
 * protocol pages; shares no parser with brom/ or da/. It is a state machine fed with the host's transfers and clock
 * ticks; it never blocks and has no thread, so it serves a link in this process, a virtual USB bus and fuzzers alike.
 * Calls from one thread at a time.
 *
 * It is broken when it comes: nobody wrote to it for its window's time, it goes away for 3 s and comes back, over and over. With a boot
 * image ("ANDROID!") in its boot partition it starts Android instead (product 0x201d); without a preloader at the begin of
 * boot1 (EMMC_BOOT header, BRLYT, GFH at 0x800; on UFS UFS_BOOT and 0x1000) it comes as boot ROM however it is entered. A boot ROM whose watchdog is
 * left alone goes away after 10 s.
 */
typedef struct _UbPracticePhone UbPracticePhone;

UbPracticePhone   *ub_practice_phone_new (const UbPracticePhoneOptions *options, GError **error);
void               ub_practice_phone_free (UbPracticePhone *self);
const char *const *ub_practice_phone_list_chips (void);
/* of one of these */
gboolean ub_practice_phone_chip_has_ufs (const char *chip);
gboolean ub_practice_phone_chip_has_slots (
    const char *chip); /* two sets of parts: boot_a, boot_b … */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPracticePhone, ub_practice_phone_free)

/* --- the wire --- */
/* power-on or plug-in: back to boot ROM or preloader; the flash stays */
void ub_practice_phone_plug (UbPracticePhone *self);
void ub_practice_phone_unplug (UbPracticePhone *self);
/* how it is entered from its next plug on: which keys are held */
void     ub_practice_phone_set_enter (UbPracticePhone *self, UbEnter enter);
gboolean ub_practice_phone_is_present (UbPracticePhone *self);  /* on the bus right now */
guint16  ub_practice_phone_get_product (UbPracticePhone *self); /* 0x0003, 0x2000, 0x2001 */
/* FALSE with "full-speed", until its agent came back as told */
gboolean ub_practice_phone_is_high_speed (UbPracticePhone *self);
/* SET_LINE_CODING was seen: a preloader only then sends READY (§1.3) */
void ub_practice_phone_line_coding (UbPracticePhone *self);
/* one transfer from the host, possibly empty */
void ub_practice_phone_input (UbPracticePhone *self, const guint8 *data, gsize size);
/* the next transfer to the host (transfer full), NULL if there is none now; may be empty */
GBytes *ub_practice_phone_output (UbPracticePhone *self);
/* lets @ms pass: READY, the preloader's window, boot-up and coming back */
void ub_practice_phone_advance (UbPracticePhone *self, guint ms);
/* called whenever there may be new output or the phone came or went (re-enumerated) */
typedef void (*UbPracticePhoneNotify) (UbPracticePhone *self, gpointer user_data);
void ub_practice_phone_set_notify (UbPracticePhone      *self,
                                   UbPracticePhoneNotify notify,
                                   gpointer              user_data);

/* --- mischief, deterministic --- one line each: "unplug-after-bytes N" (host bytes), "unplug-after-messages N" (host transfers),
 * "unplug-at-command HEX", "silent-after-jump", "silent-at-command HEX", "garbage-at-handshake", "stray AT" (bytes of a modem manager seen before ours),
 * "refuse-agent STATUS", "wrong-chip HEX", "dram-fail", "bad-sum N" (the Nth data packet is reported damaged once),
 * "unplug-after-output-bytes N" (bytes to the host), "write-fail OFFSET" (user area; or "boot1:OFFSET", "boot2:OFFSET"), "read-fail OFFSET" (the same), "full" (writes fail from the first on), "slow MS" (each answer),
 * "nameless" (the agent tells neither CID nor random id),
 * "erase-group N" (every erase takes whole groups of N bytes, whatever it was told),
 * "stray-hex HEX" (bytes of somebody else before ours), "stray-later N TEXT" (TEXT and a carriage return before the host's Nth transfer of each visit),
 * "half-handshake N" (somebody else's first N bytes of the start command came before ours, and fetched their answers; 4: all of it),
 * "half-handshake-unread N" (the same, but the answers still lie there), "echo-behind" (each answer comes when there is a next one),
 * "lose-byte N", "double-byte N" (the Nth byte to the host, once), "ready-flood N" (a preloader has N bytes of READY to say before it listens),
 * "ready-between N" (a piece of READY in front of each of the next N answers of a preloader), "enter-next bootrom", "enter-next preloader" (the next plug,
 * whatever the keys were before), "hub-reset N" (after the host's Nth transfer the bus is reset: 200 ms later the phone is back as the same product, and its
 * boot ROM or preloader goes on where it was), "hub-reset-every N" (again and again), "silent-after-handshake", "babble" (64 bytes of nonsense every
 * 10 ms from the boot ROM or preloader, besides its answers), "babble-after-handshake",
 * "flaky-read N" (of what is read from the flash every Nth byte arrives with a bit flipped), "silent-agent YEAR" (agents of that build say nothing),
 * "needs-battery HEX" (an agent that is told anything else of the battery falls silent: the byte of a legacy agent's configuration, the number of an XFLASH
 * agent's; of XML ones 0 YES, 1 NO, 2 AUTO-DETECT), "vanish-after-jump MS" (it goes dark then, as if unplugged; with "needs-battery" only if that is told wrong),
 * "patience MS" (so long after an agent fell silent by one of these or by "silent-after-jump" somebody pulls the cable),
 * "full-speed" (the agent's USB, until it is told to come back), "none". "unplug-after-…" counts from the moment the line is given, and once:
 * the phone stays unplugged until it is plugged in again, as often as wanted. A command is a byte of either stage, or "boot:D4", "agent:D4" of one.
 * BAD_… error for a line it does not know */
gboolean ub_practice_phone_mischief (UbPracticePhone *self, const char *line, GError **error);

/* called before any of the agent's commands that change the flash is taken, and before its first byte is stored. @command: "write" (62),
 * "write-image" (61), "format" (D4), "write-pmt" (A4), "write-gpt" (A9). For "nothing is written before the safety copy is on disk" */
typedef void (*UbPracticePhoneGuard) (UbPracticePhone *self,
                                      const char      *command,
                                      gpointer         user_data);
void ub_practice_phone_set_guard (UbPracticePhone     *self,
                                  UbPracticePhoneGuard guard,
                                  gpointer             user_data);
/* called in the middle of the transfer at which an "unplug-…" line has just pulled the cable */
void ub_practice_phone_set_pulled (UbPracticePhone      *self,
                                   UbPracticePhoneNotify pulled,
                                   gpointer              user_data);
/* bytes and transfers of the host since power-on of the practice phone, and bytes to the host: what the "unplug-after-…" lines count */
guint64 ub_practice_phone_get_input_bytes (UbPracticePhone *self);
guint64 ub_practice_phone_get_input_messages (UbPracticePhone *self);
guint64 ub_practice_phone_get_output_bytes (UbPracticePhone *self);

/* --- the flash, for tests --- */
/* LU0, LU1 and LU2 of UFS are what boot1, boot2 and the user area are of eMMC, and go by either name */
guint64 ub_practice_phone_get_size (UbPracticePhone *self, UbRegion region);
void    ub_practice_phone_peek (UbPracticePhone *self,
                                UbRegion         region,
                                guint64          offset,
                                guint8          *data,
                                gsize            size);
void    ub_practice_phone_poke (UbPracticePhone *self,
                                UbRegion         region,
                                guint64          offset,
                                const guint8    *data,
                                gsize            size);
char   *ub_practice_phone_hash (UbPracticePhone *self,
                                UbRegion         region,
                                guint64          offset,
                                guint64          size);                /* SHA-256, hex */
guint64 ub_practice_phone_get_memory (UbPracticePhone *self); /* bytes of RAM the flash takes now */
guint   ub_practice_phone_get_writes (
      UbPracticePhone *self); /* write, erase and format commands taken so far */
/* benchmarks: what is written is counted and summed, not kept */
void ub_practice_phone_set_forgetful (UbPracticePhone *self, gboolean forgetful);
/* after a finish: TRUE if the host asked for a reboot or power-off in the agent's own words */
gboolean ub_practice_phone_was_finished (UbPracticePhone *self);

/* --- a firmware to practise with --- made by us, nothing of a vendor in it: scatter, images, agent container, preloader
 * (fits @self's chip, table and sizes; protected parts of the phone are filled with something to lose) into @folder. @image_size: bytes of the
 * system image, 0: some MiB; @sparse: system as Android sparse */
gboolean ub_practice_firmware_write (UbPracticePhone *self,
                                     const char      *folder,
                                     guint64          image_size,
                                     gboolean         sparse,
                                     GError         **error);
/* The same for another layout of the same phone, "layout B": parts moved, some grown, one more and one fewer, the protected
 * ones at other addresses and (where they grow) of other sizes. Images differ from those of layout A */
gboolean ub_practice_firmware_write_other (UbPracticePhone *self,
                                           const char      *folder,
                                           guint64          image_size,
                                           gboolean         sparse,
                                           GError         **error);

/* --- as a link source in this process --- */
#define UB_TYPE_PRACTICE_SOURCE (ub_practice_source_get_type ())
G_DECLARE_FINAL_TYPE (UbPracticeSource, ub_practice_source, UB, PRACTICE_SOURCE, UbLinkSource)

/* @phone is borrowed and locked by the source while in use. @real_time FALSE: waiting costs nothing, a silence is over at once (tests);
 * TRUE: the clock on the wall, with @bytes_per_second as the wire's speed (0: as fast as it goes), for people to look at.
 * The source comes with the phone plugged in after @plug_after_ms of its clock; ub_practice_source_plug() does it by hand (G_MAXUINT: never by itself) */
UbLinkSource *ub_practice_source_new (UbPracticePhone *phone,
                                      gboolean         real_time,
                                      guint64          bytes_per_second,
                                      guint            plug_after_ms);
void          ub_practice_source_plug (UbPracticeSource *self);
void          ub_practice_source_unplug (UbPracticeSource *self);
/* without @real_time: @ms of the source's clock go by though nobody waits for anything, as after a job when the phone starts */
void ub_practice_source_pass (UbPracticeSource *self, guint ms);
/* as a person would: whenever the phone was unplugged (not: told to switch off), it is plugged in again after @ms of the source's
 * clock. 0: never */
void ub_practice_source_set_replug (UbPracticeSource *self, guint ms);

G_END_DECLS
