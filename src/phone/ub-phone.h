/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "phone/ub-flash.h"
#include "phone/ub-practice-phone.h"

G_BEGIN_DECLS

/* what the files of this room share; nobody else includes it */

#define UB_PHONE_BLOCK 0x20000u /* unit of 0xFFFF#### addresses */
#define UB_PHONE_UFS_BLOCKS 4   /* a scatter's block of UFS (0x80000) in these */
#define UB_PHONE_USER 8         /* number of the user area on the wire (§5.10) */

/* variant words after an agent's configuration block (shared/protocol/brom-and-legacy.md §5.2) */
typedef enum
{
  UB_PHONE_FLOW_PLAIN,
  UB_PHONE_FLOW_FORCE_DRAM, /* u32 in all builds */
  UB_PHONE_FLOW_NEW_COMBO,  /* u32 in all builds */
  UB_PHONE_FLOW_GPT,        /* u32 in builds of 2019 and later */
  UB_PHONE_FLOW_SLC,        /* u32 count, count × 20 bytes, if DA1 says "SLC percent" */
  UB_PHONE_FLOW_SKIP_SLC,   /* u32 in builds of 2019 and later, then as SLC */
} UbPhoneFlow;

/* language of a chip's agents */
typedef enum
{
  UB_PHONE_LEGACY,
  UB_PHONE_XFLASH,
  UB_PHONE_XML,
} UbPhoneDialect;

/* one chip (§3.3, §4.3, §5.2, §5.5, §5.7, §6) */
typedef struct
{
  const char    *name;
  UbPhoneDialect dialect;
  gboolean       ufs;   /* agents know UFS */
  gboolean       slots; /* two sets of parts */
  gboolean
      end_is_end; /* XML: after a refused command the agent is gone (MT6886), else it goes on (MT6789) */
  guint16     hw_code;
  guint16     agent_code;
  guint16     sub_code, hw_version, sw_version;
  guint8      brom_version;
  guint8      major, bbchip;
  UbPhoneFlow flow;
  guint32     watchdog;
  guint32     da1_address, da2_address;
  guint32     emi_version, emi_size, emi_limit; /* limit 0: one record of the host's choice */
  guint32  old_emi_version, old_emi_size, old_emi_limit; /* builds of 2014 and 2015; 0: as above */
  guint32  more_emi_version;                             /* also taken; 0: none */
  guint8   emi_head; /* bytes before id[] in a record: 4 or 16 */
  guint8   nand_ids, old_nand_ids;
  guint8   nand_size_width; /* W of §5.7 */
  gboolean flash_id;        /* 16 bytes before the record size */
  gboolean bmt_word;
  gboolean phone_info; /* 16 bytes of time and MAC, and five words after the DRAM status */
  guint64  ram_size;
  guint64  shift; /* size of PRELOADER in scatters of its MBR time: linear − physical */
} UbPhoneChip;

typedef struct
{
  const char *name;      /* as scatter and table have it */
  const char *file;      /* NULL: none */
  const char *operation; /* operation_type */
  gboolean    ext4;
  guint64     start; /* in the user area, tails resolved */
  guint64     size;
  guint32     tail; /* blocks (UB_PHONE_BLOCK) before the end, 0: not a tail */
  gboolean    in_table;
  gboolean    rest; /* its size in the scatter is 0: up to the next */
  gboolean    last; /* right at the end, 0xFFFF0000; tails keep clear of it */
} UbPhonePart;

typedef enum
{
  UB_PHONE_OFF,
  UB_PHONE_AWAY,
  UB_PHONE_BOOT_ROM,
  UB_PHONE_PRELOADER,
  UB_PHONE_AGENT,
  UB_PHONE_ANDROID,
} UbPhoneMode;

/* takes the bytes that were asked for */
typedef void (*UbPhoneStep) (UbPracticePhone *self, const guint8 *data);
/* takes a piece of a long payload */
typedef void (*UbPhoneSink) (UbPracticePhone *self, const guint8 *data, gsize size);

#define UB_PHONE_ITEM 1024 /* no single item on the wire is longer */

typedef struct
{
  guint64  unplug_after_bytes;
  guint64  unplug_after_messages; /* 0: off; counted down */
  guint64  unplug_after_output;   /* 0: off; bytes to the host, counted down */
  gboolean unplug_bytes_set;
  int      unplug_command, silent_command; /* -1: off */
  char     unplug_scope, silent_scope;     /* 'b'oot ROM or preloader, 'a'gent, 0 either */
  gboolean silent_after_jump;
  gboolean garbage_at_handshake;
  gboolean full_speed; /* until the agent is told to re-enumerate */
  char    *stray_bytes;
  int      refuse_agent; /* -1: off */
  int      wrong_chip;   /* -1: off */
  gboolean dram_fail;
  guint64  bad_sum;               /* 0: off; counted down */
  gint64   write_fail, read_fail; /* -1: off */
  guint8   write_fail_part, read_fail_part;
  gboolean full;
  guint    slow_ms;
  guint64  erase_group; /* 0: off; bytes */
  gboolean nameless;
  guint64  flaky_read, flaky_left; /* 0: off; bytes; until the next one */
  int      silent_agent;           /* -1: off; year of its build */
  int      needs_battery;          /* -1: off; what it must be told of the battery */
  guint    vanish_ms;              /* 0: off; after the jump */
  guint    patience_ms;            /* 0: off; from the silence on */
  guint64  vanish_at;              /* 0: not waiting; on the phone's clock */
} UbPhoneMischief;

/* what goes wrong on the way to a handshake and behind it; ub-phone-nuisance.c */
typedef struct
{
  GBytes  *stray; /* (nullable) */
  GBytes  *later; /* (nullable): before the host's transfer number @later_at */
  guint64  later_at;
  guint    half_handshake; /* bytes of the start command that came before us; 0: off */
  gboolean half_unread;    /* nobody fetched the answers to them */
  gboolean echo_behind;
  GBytes  *held;                   /* (nullable): the answer that is behind */
  guint64  lose_byte, double_byte; /* 0: off; counted down */
  guint64  ready_flood;            /* bytes */
  guint64  ready_between;          /* answers that still get a piece of READY in front of them */
  guint    ready_at;               /* letters said of it */
  int      enter_next;             /* -1: off */
  guint64  hub_reset;              /* 0: off; the host's transfers, counted down */
  guint64  hub_reset_every;        /* 0: once */
  gboolean silent_after_handshake;
  gboolean babble, babble_after_handshake;
  guint32  babble_state;
} UbPhoneNuisance;

/* state of boot ROM and preloader */
typedef struct
{
  gboolean    line_coding;
  gboolean    heard;    /* the first byte of the host came */
  gboolean    awake;    /* past the token loop's first A0 */
  gboolean    shaken;   /* handshake complete */
  guint       sync;     /* bytes of the start command seen */
  guint64     sync_ms;  /* when the start command began */
  guint64     ready_ms; /* next READY */
  guint64     messages; /* the host's transfers since it is on the bus */
  gboolean    watchdog_off;
  guint8      op;
  guint       n_params, i_param;
  guint32     params[4];
  guint32     count;
  UbPhoneStep after;
  GHashTable *memory; /* written words, address → value */
  GByteArray *agent;  /* what SEND_DA brought */
  guint32     agent_address, agent_signature;
  gboolean    agent_good;
  GByteArray *block; /* certificate, authorisation or answer as it comes */
  guint8      challenge[16];
  guint       n_challenges;
  gboolean    logged_in;
  guint16     sum;
  guint64     taken;
} UbPhoneBrom;

/* state of the legacy agent */
typedef struct
{
  GBytes     *da1;
  guint       build_year;
  gboolean    old;    /* numbering of 2014 and 2015 */
  gboolean    marked; /* a practice DA1, knows its DA2's digest */
  gboolean    slc;
  gboolean    stranger; /* bbchip FF: only FINISH */
  gboolean    from_brom;
  gboolean    in_da2;
  gboolean    high_speed;
  gboolean    force_dram;
  guint32     emi_version;
  gboolean    emi_ok, emi_default;
  GByteArray *emi;
  guint32     da2_address, da2_size, packet_size;
  GByteArray *da2;
  /* commands */
  guint8      op;
  guint8      part;   /* 1 … 8, the last switch */
  guint8      target; /* the area of the command under way */
  guint64     address, left;
  guint8      level;
  gboolean    image;  /* 61 rather than 62 */
  guint16     sum;    /* of this packet */
  guint16     total;  /* of this image */
  guint8     *buffer; /* the agent's packet buffer; keeps old contents */
  gsize       buffer_size;
  gsize       fill;    /* bytes of the packet that have come */
  gsize       current; /* bytes of this packet */
  guint       steps;   /* FORMAT: progress steps to go */
  guint8      kind;    /* WRITE_GPT: primary or backup */
  guint32     count;
  GByteArray *table;
} UbPhoneAgent;

/* state of the framed agents; each known to its own file */
typedef struct _UbPhoneXflash UbPhoneXflash;
typedef struct _UbPhoneXml    UbPhoneXml;
typedef struct _UbPhoneWriter UbPhoneWriter;

/* how an agent talks to its USB hardware (shared/protocol/genuine-agents.md §4) */
typedef enum
{
  UB_PHONE_WIRE_NONE,  /* no messages: bytes */
  UB_PHONE_WIRE_PLAIN, /* DA1: a stream of bytes in, a transfer for each header and payload out */
  UB_PHONE_WIRE_BYTES, /* XFLASH DA2: 12 bytes or less one by one, longer reads lose what shared a packet with their header */
  UB_PHONE_WIRE_EXACT, /* XML: whatever shares a packet with a header or the end of a payload is lost */
} UbPhoneWire;

/* what ub-phone-frame.c keeps between transfers */
typedef struct
{
  UbPhoneWire wire;
  gsize       packet; /* of USB */
  guint8      header[12];
  gboolean    in_payload;
  gsize       capacity, length, have;
  UbPhoneSink sink;                                                     /* (nullable) */
  void (*step) (UbPracticePhone *self, const guint8 *data, gsize size); /* NULL: it does not read */
  GByteArray *payload;                                                  /* (nullable) */
} UbPhoneFrame;

struct _UbPracticePhone
{
  UbPracticePhoneOptions options;
  const UbPhoneChip     *chip;
  GArray                *parts; /* of UbPhonePart */
  UbFlash               *boot1, *boot2, *rpmb, *user;
  guint8                 cid[16];

  UbPhoneMode mode;
  UbPhoneMode next;  /* after being away */
  gboolean    stays; /* its program goes on where it was: only the bus was reset */
  guint16     product;
  guint64     now_ms, since_ms, leave_ms, return_ms; /* leave, return: 0 none */
  guint64     away_ms;
  gboolean    finished;
  gboolean    forgetful;
  guint       writes;

  UbPhoneStep step;
  guint8      item[UB_PHONE_ITEM];
  gsize       want, have;
  UbPhoneSink sink;
  guint64     stream_left;
  GQueue      out; /* of Answer */

  UbPhoneBrom  brom;
  UbPhoneAgent agent; /* legacy */
  UbPhoneFrame frame;
  GByteArray *
      table; /* (nullable): as a framed agent remembers it; entries as ub_phone_tables_read() has them */
  UbPhoneXflash  *xflash; /* (nullable) */
  UbPhoneXml     *xml;    /* (nullable) */
  UbPhoneMischief mischief;
  UbPhoneNuisance nuisance;

  guint64 input_bytes, input_messages, output_bytes;

  UbPracticePhoneNotify notify;
  gpointer              notify_data;
  UbPracticePhoneNotify pulled;
  gpointer              pulled_data;
  UbPracticePhoneGuard  guard;
  gpointer              guard_data;
};

/* --- ub-practice-phone.c --- */
void ub_practice_phone_say (UbPracticePhone *self, const guint8 *data, gsize size);
void ub_practice_phone_say_text (UbPracticePhone *self, const char *text);
void ub_practice_phone_say_u8 (UbPracticePhone *self, guint8 value);
void ub_practice_phone_say_u16 (UbPracticePhone *self, guint16 value);
void ub_practice_phone_say_u32 (UbPracticePhone *self, guint32 value);
void ub_practice_phone_say_u64 (UbPracticePhone *self, guint64 value);
/* @bytes (transfer full) leaves in transfers of @piece bytes */
void ub_practice_phone_say_bytes (UbPracticePhone *self, GBytes *bytes, gsize piece);
/* the next @size (1 … UB_PHONE_ITEM) bytes go to @step */
void ub_practice_phone_expect (UbPracticePhone *self, gsize size, UbPhoneStep step);
/* the next @size bytes go to @sink as they come, then @done is called (with NULL) */
void ub_practice_phone_stream (UbPracticePhone *self,
                               guint64          size,
                               UbPhoneSink      sink,
                               UbPhoneStep      done);
/* spins: takes everything and says nothing more */
void ub_practice_phone_hang (UbPracticePhone *self);
/* leaves the bus in @delay_ms, for @away_ms (0: for ever), and comes back as @next */
void ub_practice_phone_leave (UbPracticePhone *self,
                              guint            delay_ms,
                              guint            away_ms,
                              UbPhoneMode      next);
/* a mischief pulls the cable */
void ub_practice_phone_pull (UbPracticePhone *self);
/* off the bus for @away_ms, but the program knows nothing of it */
void ub_practice_phone_reset_bus (UbPracticePhone *self, guint away_ms);
/* somebody else's bytes, no transfer of the host's */
void ub_practice_phone_overhear (UbPracticePhone *self, const guint8 *data, gsize size);
/* @bytes (transfer full) into the queue, as they are */
void ub_practice_phone_queue (UbPracticePhone *self, GBytes *bytes, gsize piece);
/* will time alone change anything about where the phone is? */
gboolean ub_practice_phone_is_waiting (UbPracticePhone *self);
void     ub_practice_phone_boot_on (UbPracticePhone *self, guint delay_ms);
/* before the first byte of @command is stored */
void     ub_practice_phone_ask_guard (UbPracticePhone *self, const char *command);
UbFlash *ub_practice_phone_get_flash (UbPracticePhone *self, UbRegion region);
guint16  ub_practice_phone_sum (const guint8 *data, gsize size);

/* answers that were not fetched are gone */
void ub_practice_phone_forget_output (UbPracticePhone *self);

/* --- ub-phone-nuisance.c --- */
void     ub_phone_nuisance_clear (UbPhoneNuisance *self);
gboolean ub_phone_nuisance_parse (UbPhoneNuisance *self, const char *line);
/* SET_LINE_CODING was seen */
void ub_phone_nuisance_at_open (UbPracticePhone *self);
/* the host's transfer is about to be taken, and was taken; while it is boot ROM or preloader */
void ub_phone_nuisance_before_message (UbPracticePhone *self);
void ub_phone_nuisance_after_message (UbPracticePhone *self);
void ub_phone_nuisance_at_plug (UbPracticePhone *self);
void ub_phone_nuisance_tick (UbPracticePhone *self);
/* @bytes (transfer full), or what becomes of them, into the queue */
void ub_phone_nuisance_say (UbPracticePhone *self, GBytes *bytes, gsize piece);

/* --- ub-phone-brom.c --- */
void ub_phone_brom_start (UbPracticePhone *self);
void ub_phone_brom_tick (UbPracticePhone *self);
void ub_phone_brom_clear (UbPracticePhone *self);

/* --- ub-phone-legacy.c --- */
/* takes over with @da1 (transfer full) */
void ub_phone_legacy_start (UbPracticePhone *self, GBytes *da1, gboolean from_brom);
void ub_phone_legacy_clear (UbPracticePhone *self);
/* --- ub-phone-xflash.c, ub-phone-xml.c: as ub-phone-legacy.c; _resume: back on the bus as an agent (USB speed) --- */
void ub_phone_xflash_start (UbPracticePhone *self, GBytes *da1, gboolean from_brom);
void ub_phone_xflash_resume (UbPracticePhone *self);
void ub_phone_xflash_clear (UbPracticePhone *self);
void ub_phone_xml_start (UbPracticePhone *self, GBytes *da1, gboolean from_brom);
void ub_phone_xml_resume (UbPracticePhone *self);
void ub_phone_xml_clear (UbPracticePhone *self);

/* --- ub-phone-storage.c: what the two have in common --- */
/* where the agent's name of a part leads: PGPT, SGPT, preloader, preloader_backup, or a part of the table as the agent remembers it.
 * FALSE: no such part */
gboolean ub_phone_storage_find_part (UbPracticePhone *self,
                                     const char      *name,
                                     UbFlash        **flash,
                                     guint64         *start,
                                     guint64         *size);
/* the agent forgets what it knows of the table, as it does after PGPT or SGPT was written by name, and reads it anew when asked next */
void ub_phone_storage_forget_table (UbPracticePhone *self);
/* after each write or erase the agents note it in the part "flashinfo" of the table they remember, if there is one */
void ub_phone_storage_note (UbPracticePhone *self, const char *what);
/* bytes of a sector: 512, UFS 4096 */
guint ub_phone_storage_get_sector (UbPracticePhone *self);
/* number of the area as the mischiefs count: 1, 2, 3, 8 (UB_PHONE_USER) */
guint8   ub_phone_storage_get_number (UbPracticePhone *self, UbFlash *flash);
gboolean ub_phone_storage_write_fails (UbPracticePhone *self,
                                       UbFlash         *flash,
                                       guint64          start,
                                       guint64          size);
gboolean ub_phone_storage_read_fails (UbPracticePhone *self,
                                      UbFlash         *flash,
                                      guint64          start,
                                      guint64          size);
/* erases what of the range is there, in whole groups where a mischief says so */
void ub_phone_storage_erase (UbPracticePhone *self, UbFlash *flash, guint64 start, guint64 size);
/* with secure boot on, what is written there by name must carry the maker's signature */
gboolean ub_phone_storage_is_checked (const char *name);
/* with secure boot on, nobody writes or erases it */
gboolean ub_phone_storage_is_forbidden (const char *name);
/* secure boot is on and the range touches a part of either kind */
gboolean ub_phone_storage_is_locked (UbPracticePhone *self,
                                     UbFlash         *flash,
                                     guint64          start,
                                     guint64          size);
/* does @image carry the practice maker's signature? (the last 256 bytes, PKCS#1 v1.5 with SHA-256, over the rest) */
gboolean ub_phone_storage_is_signed (const guint8 *image, gsize size);
/* is @answer the maker's to a login's @challenge? (src/wire/ub-key.c: OAEP with SHA-256) */
gboolean ub_phone_storage_is_answer (const guint8 *challenge,
                                     gsize         challenge_size,
                                     const guint8 *answer,
                                     gsize         size);
/* bytes of a random id, or nothing of one where the phone is nameless */
void ub_phone_storage_get_id (UbPracticePhone *self, guint8 seed, guint8 *id, gsize size);

/* --- ub-phone-writer.c: what becomes of the bytes of an image, in either language. Statuses are those of XFLASH
 * (shared/protocol/xflash-and-xml.md §3.24), 0: good --- */
/* @size bytes to the part @name: expands Android sparse, gives a bare preloader its header, checks signatures. NULL and *@status: no
 * such part (C0040006), forbidden (C0020004), too large to be checked (C0020005) */
UbPhoneWriter *ub_phone_writer_open_part (UbPracticePhone *self,
                                          const char      *name,
                                          guint64          size,
                                          guint32         *status);
/* verbatim; NULL and *@status: beyond the end (C004000B), locked (C002000C) */
UbPhoneWriter *ub_phone_writer_open_range (UbPracticePhone *self,
                                           UbFlash         *flash,
                                           guint64          start,
                                           guint64          size,
                                           guint32         *status);
/* XML: what goes to a range is expanded as well, into @room bytes from its begin on */
void ub_phone_writer_expand (UbPhoneWriter *self, guint64 room);
/* the next packet: of the image; whoever calls sums what it gives to ub_phone_writer_put() */
void ub_phone_writer_begin_packet (UbPhoneWriter *self);
void ub_phone_writer_put (UbPhoneWriter *self, const guint8 *data, gsize size);
/* the packet's sum is good: stores it. A packet that is not ended was never there */
guint32 ub_phone_writer_end_packet (UbPhoneWriter *self);
/* bytes of the image to come */
guint64 ub_phone_writer_get_left (UbPhoneWriter *self);
/* all came: the rest of the work, and the note in "flashinfo" */
guint32 ub_phone_writer_finish (UbPhoneWriter *self);
void    ub_phone_writer_free (UbPhoneWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbPhoneWriter, ub_phone_writer_free)

/* --- ub-practice-firmware.c --- */
/* one package: for the layout the phone came with, or for layout B */
typedef struct
{
  UbPracticePhone *phone;
  GArray          *parts; /* of UbPhonePart */
  const char      *folder;
  gboolean         other;
} UbPhonePackage;

/* @size bytes; the same @state makes the same ones */
void ub_practice_firmware_make_noise (guint8 *data, gsize size, guint64 *state);
/* --- ub-practice-firmware-agents.c, ub-practice-firmware-scatter.c: all (transfer full) --- */
GByteArray *ub_practice_firmware_agents_make (UbPracticePhone *phone);
char       *ub_practice_firmware_scatter_dup_name (UbPracticePhone *phone);
char       *ub_practice_firmware_scatter_make (const UbPhonePackage *package);

/* --- ub-phone-maker.c: the maker of the practice phones --- */
#define UB_PHONE_SIGNATURE 0x100 /* bytes */
/* what its authorisation and certificate begin with */
#define UB_PHONE_AUTH_MARK "UNBRICK PRACTICE AUTHORISATION"
#define UB_PHONE_CERT_MARK "UNBRICK PRACTICE CERTIFICATE"
const char   *ub_phone_maker_get_pem (void); /* the private half */
const guint8 *ub_phone_maker_get_public_key (gsize *size);
/* puts the signature of the rest of @image (PKCS#1 v1.5, SHA-256) into its last 256 bytes */
void ub_phone_maker_sign (guint8 *image, gsize size);
/* is @answer the maker's to a boot ROM's @challenge (brom-and-legacy.md §2.7)? */
gboolean ub_phone_maker_is_boot_rom_answer (const guint8 *challenge,
                                            gsize         challenge_size,
                                            const guint8 *answer,
                                            gsize         size);

/* --- ub-phone-commands.c --- */
void    ub_phone_commands_loop (UbPracticePhone *self);
guint32 ub_phone_legacy_error (UbPracticePhone *self, guint32 code);
void    ub_phone_legacy_refuse (UbPracticePhone *self, guint32 code);
void    ub_phone_legacy_dram (UbPracticePhone *self);

/* --- ub-phone-parts.c --- */
/* smaller than any real phone: the same parts, all of them shrunk */
gboolean ub_phone_parts_is_small (const UbPracticePhoneOptions *options);
guint64  ub_phone_parts_shrink (const UbPracticePhoneOptions *options, guint64 size);
/* of UbPhonePart; @other: layout B */
GArray            *ub_phone_parts_make (const UbPracticePhoneOptions *options, gboolean other);
const UbPhonePart *ub_phone_parts_find (GArray *parts, const char *name); /* any case */

/* --- ub-phone-tables.c --- */
const UbPhoneChip *ub_phone_tables_find_chip (const char *name);
const char *const *ub_phone_tables_list_chips (void);
const UbPhonePart *ub_phone_tables_find (UbPracticePhone *self, const char *name); /* any case */
void               ub_phone_tables_prefill (UbPracticePhone *self);
/* the MBR or one EBR ("MBR", "EBR1", "EBR2") of a phone with @parts: 512 bytes */
void ub_phone_tables_make_ebr (UbPracticePhone *self,
                               GArray          *parts,
                               const char      *name,
                               guint8          *sector);
/* the set of parts the phone starts from, 'a' or 'b', as its misc says now; 0: it has one set */
char ub_phone_tables_get_slot (UbPracticePhone *self);
/* does boot1 (LU0) begin as its boot ROM wants it: header for this storage, BRLYT, GFH behind it */
gboolean ub_phone_tables_has_preloader (UbPracticePhone *self);
/* @preloader, a bare GFH image, with the header a boot area of this phone begins with; (transfer full) */
GBytes *ub_phone_tables_make_boot_area (UbPracticePhone *self, GBytes *preloader);
/* where the table that is on the phone now has the part @name; FALSE: nowhere */
gboolean ub_phone_tables_locate (UbPracticePhone *self, const char *name, guint64 *start);
/* entries as an agent reports them; the first byte of the answer in @kind; NULL: no valid table */
GByteArray *ub_phone_tables_read (UbPracticePhone *self, guint8 *kind);
/* entries of the GPT on the phone as its header counts them, used or not; 0 if there is none */
guint ub_phone_tables_count_gpt (UbPracticePhone *self);
/* writes a GPT of @n 88-byte entries; @kind 0 primary, 1 backup */
void ub_phone_tables_write_gpt (UbPracticePhone *self, guint8 kind, const guint8 *entries, guint n);
void ub_phone_tables_write_pmt (UbPracticePhone *self, const guint8 *entries, guint n);
/* the preloader file of @self's chip, @generation to tell old from new; (transfer full) */
GBytes *ub_phone_tables_make_preloader (UbPracticePhone *self, guint generation);

/* --- ub-phone-mischief.c --- */
void     ub_phone_mischief_clear (UbPhoneMischief *self);
gboolean ub_phone_mischief_parse (UbPhoneMischief *self, const char *line, GError **error);
/* TRUE if the command must not be carried out; @scope 'b' or 'a' */
gboolean ub_phone_mischief_at_command (UbPracticePhone *self, guint8 op, char scope);
/* at a jump to @da1; TRUE: nothing will ever come from it */
gboolean ub_phone_mischief_at_jump (UbPracticePhone *self, GBytes *da1);
/* the agent was told of the battery; TRUE: it falls silent */
gboolean ub_phone_mischief_at_battery (UbPracticePhone *self, guint setting);
/* content of the flash on its way to the host */
void ub_phone_mischief_spoil (UbPracticePhone *self, guint8 *bytes, gsize size);

/* --- big-endian scalars --- */
static inline guint16
ub_phone_u16 (const guint8 *p)
{
  return (guint16) (p[0] << 8 | p[1]);
}

static inline guint32
ub_phone_u32 (const guint8 *p)
{
  return (guint32) ub_phone_u16 (p) << 16 | ub_phone_u16 (p + 2);
}

static inline guint64
ub_phone_u64 (const guint8 *p)
{
  return (guint64) ub_phone_u32 (p) << 32 | ub_phone_u32 (p + 4);
}

/* --- little-endian scalars --- */
static inline guint16
ub_phone_le16 (const guint8 *p)
{
  return (guint16) (p[0] | p[1] << 8);
}

static inline guint32
ub_phone_le32 (const guint8 *p)
{
  return ub_phone_le16 (p) | (guint32) ub_phone_le16 (p + 2) << 16;
}

static inline guint64
ub_phone_le64 (const guint8 *p)
{
  return ub_phone_le32 (p) | (guint64) ub_phone_le32 (p + 4) << 32;
}

static inline void
ub_phone_put_le16 (guint8 *p, guint16 value)
{
  p[0] = (guint8) value;
  p[1] = (guint8) (value >> 8);
}

static inline void
ub_phone_put_le32 (guint8 *p, guint32 value)
{
  ub_phone_put_le16 (p, (guint16) value);
  ub_phone_put_le16 (p + 2, (guint16) (value >> 16));
}

static inline void
ub_phone_put_le64 (guint8 *p, guint64 value)
{
  ub_phone_put_le32 (p, (guint32) value);
  ub_phone_put_le32 (p + 4, (guint32) (value >> 32));
}

G_END_DECLS
