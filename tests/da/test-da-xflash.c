/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* conversations with XFLASH agents made up by us from shared/protocol/xflash-and-xml.md §3, for what no recording shows */

#include "tests/da/test-xflash.h"

#define DA2_SIZE 4
#define EMI_SIZE 8
/* zeros, by their number of bytes */
#define Z4 "00000000"
#define Z8 Z4 Z4
#define Z16 Z8 Z8
#define Z32 Z16 Z16
#define Z48 Z32 Z16
#define NO_UFS Z32 Z32 Z48 Z48 Z48
#define BOOT_4M "0000400000000000"
#define USER_64M "0000000400000000"
#define CID "1101004f5241434c4510123456788701"
/* type, block, boot1, boot2, rpmb, gp × 4, user, CID, firmware, pre-EOL, life A and B */
#define EMMC_OF(user, life) "0100000000020000" BOOT_4M BOOT_4M BOOT_4M Z32 user CID Z8 life "00" Z4
#define EMMC EMMC_OF (USER_64M, "010203")
#define NO_EMMC Z32 Z32 Z32 Z8
#define PRODUCT "4b4c4d4e0102030405060708090a0b0c0d0e0f10"
#define UFS_OF(user, vendor_product, serial)                                                       \
  "3000000000100000" BOOT_4M BOOT_4M user      vendor_product                                      \
  "3031303000000000" serial Z32 Z32 Z32 Z16 Z8 Z4 "0000000000000000000000000000"
#define RAM                                                                                        \
  "0200000000000000000020000000000000000700000000000100000000000000000000400000000000000040000000" \
  "00"
#define RANDOM "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define PACKETS "0000200000000100"
#define HIGH "686967682d7370656564"
#define FULL "66756c6c2d7370656564"
#define BROM "62726f6d"
#define PRELOADER "7072656c6f61646572"

typedef struct
{
  const char *agent;
  const char *speed;
  const char *emmc;
  const char *ufs;
  const char *packets;
  guint32     login; /* 0: not known */
} Phone;

#define OPEN_PHONE                                                                                 \
  {                                                                                                \
    .agent = PRELOADER, .speed = HIGH, .emmc = EMMC, .ufs = NO_UFS, .packets = PACKETS             \
  }

static void
say_environment (GString *text, guint32 status)
{
  g_string_append (text, "D>H c0\n");
  host32 (text, UB_DA_XFLASH_SYNC);
  host32 (text, UB_DA_XFLASH_SETUP_ENVIRONMENT);
  host (text, "0200000001000000010000000000000000000000");
  phone32 (text, status);
}

static void
say_hello (GString *text)
{
  say_environment (text, 0);
  host32 (text, UB_DA_XFLASH_SETUP_HW_INIT);
  command (text, 0, 0);
  phone32 (text, UB_DA_XFLASH_SYNC);
  control_set (text, UB_DA_XFLASH_SET_RESET_KEY, 0x68);
  control_set (text, UB_DA_XFLASH_SET_BATTERY_OPT, 2);
  control_set (text, UB_DA_XFLASH_SET_CHECKSUM_LEVEL, 1);
}

static void
say_storage (GString *text, const Phone *what)
{
  control_get (text, UB_DA_XFLASH_GET_EMMC_INFO, what->emmc);
  control_get (text, UB_DA_XFLASH_GET_UFS_INFO, what->ufs);
}

/* DA2 of 4 zeros */
static void
say_boot_to (GString *text, guint32 status)
{
  command (text, UB_DA_XFLASH_BOOT_TO, 0);
  host (text, "00000040000000000400000000000000");
  host (text, "00000000");
  phone32 (text, status);
}

static void
say_second (GString *text)
{
  say_boot_to (text, 0);
  phone32 (text, UB_DA_XFLASH_SYNC);
}

static void
say_report (GString *text, const Phone *what)
{
  say_storage (text, what);
  control_get (text, UB_DA_XFLASH_GET_RAM_INFO, RAM);
  control_get (text, UB_DA_XFLASH_GET_RANDOM_ID, RANDOM);
  control_get (text, UB_DA_XFLASH_GET_DA_VERSION, "312e30");
  control_get (text, UB_DA_XFLASH_GET_PACKET_LENGTH, what->packets);
}

/* memory is on */
static void
say_start (GString *text, const Phone *what)
{
  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what->agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what->speed);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  say_report (text, what);
}

static void
start (Session *self, GString *text)
{
  session_open (self, text->str, DA2_SIZE);
  session_start (self);
}

static void
check_started (Session *self)
{
  g_assert_no_error (self->error);
  g_assert_true (self->started);
  g_assert_true (session_is_finished (self));
}

static void
check_failed (GString *text, int code, const char *words)
{
  g_auto (Session) self = { 0 };

  start (&self, text);
  g_assert_false (self.started);
  g_assert_error (self.error, UB_ERROR, code);
  g_assert_nonnull (strstr (self.error->message, words));
}

/* an open eMMC phone, then @text */
static void
start_and (Session *self, GString *text)
{
  const Phone what = OPEN_PHONE;
  g_autoptr (GString) all = g_string_new (NULL);

  say_start (all, &what);
  g_string_append (all, text->str);
  start (self, all);
  g_assert_no_error (self->error);
  g_assert_true (self->started);
}

/* --- start --- */

static void
test_preloader (void)
{
  const Phone what = OPEN_PHONE;
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_start (text, &what);
  start (&self, text);
  check_started (&self);
  g_assert_false (self.report.dram_by_us);
  g_assert_cmpint (self.report.storage, ==, UB_STORAGE_EMMC);
}

static void
test_silence (void)
{
  const Phone what = OPEN_PHONE;
  g_autoptr (GString) nothing = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  check_failed (nothing, UB_ERROR_AGENT_SILENT, "does not answer");
  say_environment (text, 0);
  host32 (text, UB_DA_XFLASH_SETUP_HW_INIT);
  host32 (text, 0);
  check_failed (text, UB_ERROR_AGENT_SILENT, "hardware");
  g_string_truncate (text, 0);
  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what.agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what.speed);
  say_boot_to (text, 0);
  check_failed (text, UB_ERROR_AGENT_SILENT, "second part");
}

static void
test_refusals_at_start (void)
{
  const Phone what = OPEN_PHONE;
  g_autoptr (GString) text = g_string_new (NULL);

  say_environment (text, 0xc0020053);
  check_failed (text, UB_ERROR_REFUSED, "anti-rollback");
  g_string_truncate (text, 0);
  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what.agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what.speed);
  say_boot_to (text, 0xc0010001);
  check_failed (text, UB_ERROR_AGENT_REFUSED, "0xc0010001 (STATUS_ERR)");
}

/* DA2's first word may take the place of BOOT_TO's */
static void
test_sync_at_once (void)
{
  const Phone what = OPEN_PHONE;
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what.agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what.speed);
  say_boot_to (text, UB_DA_XFLASH_SYNC);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  say_report (text, &what);
  start (&self, text);
  check_started (&self);
}

/* an agent that knows nothing but how to find its storage */
static void
test_knows_little (void)
{
  static const guint32 settings[] = { UB_DA_XFLASH_SET_RESET_KEY,
                                      UB_DA_XFLASH_SET_BATTERY_OPT,
                                      UB_DA_XFLASH_SET_CHECKSUM_LEVEL };
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_environment (text, 0);
  host32 (text, UB_DA_XFLASH_SETUP_HW_INIT);
  command (text, 0, 0);
  phone32 (text, UB_DA_XFLASH_SYNC);
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    control_get (text, settings[i], NULL);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, NULL);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, NULL);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  control_get (text, UB_DA_XFLASH_GET_EMMC_INFO, EMMC);
  control_get (text, UB_DA_XFLASH_GET_UFS_INFO, NULL);
  control_get (text, UB_DA_XFLASH_GET_RAM_INFO, NULL);
  control_get (text, UB_DA_XFLASH_GET_RANDOM_ID, NULL);
  control_get (text, UB_DA_XFLASH_GET_DA_VERSION, NULL);
  control_get (text, UB_DA_XFLASH_GET_PACKET_LENGTH, NULL);
  session_open (&self, text->str, DA2_SIZE);
  self.setup.setup.brom.is_boot_rom = FALSE;
  session_start (&self);
  check_started (&self);
  g_assert_cmpuint (ub_da_get_packet_size (self.da), ==, 0x1000);
  g_assert_cmpstr (self.report.agent, ==, "");
}

static void
test_packet_size (void)
{
  static const struct
  {
    const char *told;
    gsize       size;
  } sizes[] = {
    { "0000200000000100", 0x200000 }, { "ffffffff00000100", 0x200000 },
    { "0000000000000100", 0x1000 },   { "ff1f000000000100", 0x1000 },
    { "0080000000800000", 0x8000 },   { "00", 0x1000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Phone what = OPEN_PHONE;
      g_auto (Session) self = { 0 };
      g_autoptr (GString) text = g_string_new (NULL);

      what.packets = sizes[i].told;
      say_start (text, &what);
      start (&self, text);
      check_started (&self);
      g_assert_cmpuint (ub_da_get_packet_size (self.da), ==, sizes[i].size);
    }
}

static void
test_cancelled (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_hello (text);
  session_open (&self, text->str, DA2_SIZE);
  g_cancellable_cancel (self.cancellable);
  g_assert_false (ub_da_xflash_start_after_jump (self.xflash,
                                                 &self.setup.setup,
                                                 &self.report,
                                                 NULL,
                                                 NULL,
                                                 self.cancellable,
                                                 &self.error));
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- storages --- */

static void
start_storage (Session *self, const char *emmc, const char *ufs)
{
  Phone what = OPEN_PHONE;
  g_autoptr (GString) text = g_string_new (NULL);

  what.emmc = emmc;
  what.ufs = ufs;
  say_start (text, &what);
  start (self, text);
}

static void
test_ufs (void)
{
  static const char *const serials[] = { "41", "42", "00" };
  guint8                   ids[3][16];

  for (gsize i = 0; i < G_N_ELEMENTS (serials); i++)
    {
      g_auto (Session) self = { 0 };
      g_autofree char *serial = g_strconcat (serials[i], "000000", NULL);
      g_autofree char *hex = g_strconcat (UFS_OF ("0000001000000000", "ce01" PRODUCT, ""), NULL);
      char            *at = hex + 2 * 0x3e;

      memcpy (at, serial, 8);
      start_storage (&self, NO_EMMC, hex);
      check_started (&self);
      g_assert_cmpint (self.report.storage, ==, UB_STORAGE_UFS);
      g_assert_cmpuint (self.report.sector_size, ==, 4096);
      g_assert_cmpuint (self.report.boot1_size, ==, 0x400000);
      g_assert_cmpuint (self.report.boot2_size, ==, 0x400000);
      g_assert_cmpuint (self.report.user_size, ==, 0x10000000);
      g_assert_cmpuint (self.report.memory_id[0], ==, 0x4b);
      g_assert_cmpuint (self.report.memory_id[15], ==, 0x0c);
      g_assert_cmpint (self.report.cid_is_unique, ==, i < 2);
      g_assert_cmpuint (self.xflash->storage, ==, 0x30);
      memcpy (ids[i], self.report.cid, 16);
    }
  g_assert_cmpint (memcmp (ids[0], ids[1], 16), !=, 0);
  g_assert_cmpint (memcmp (ids[0], ids[2], 16), !=, 0);
}

/* 0x38 bytes: 16 of an id, no serial number; and one that tells nothing */
static void
test_ufs_of_old_agents (void)
{
  static const guint8 nothing[16] = { 0 };
  g_auto (Session) self = { 0 };
  g_auto (Session) nameless = { 0 };

  start_storage (&self, NO_EMMC, "3000000000100000" BOOT_4M BOOT_4M "0000001000000000" CID Z8);
  check_started (&self);
  g_assert_false (self.report.cid_is_unique);
  g_assert_cmpmem (self.report.memory_id, 16, test_cid, 16);
  g_assert_cmpint (memcmp (self.report.cid, nothing, 16), !=, 0);
  start_storage (&nameless, NO_EMMC, "3000000000100000" BOOT_4M BOOT_4M "0000001000000000");
  check_started (&nameless);
  g_assert_cmpmem (nameless.report.cid, 16, nothing, 16);
}

/* without the eight bytes of wear */
static void
test_emmc_of_old_agents (void)
{
  g_auto (Session) self = { 0 };

  start_storage (&self, "0100000000020000" BOOT_4M BOOT_4M BOOT_4M Z32 USER_64M CID Z8, NO_UFS);
  check_started (&self);
  g_assert_cmpuint (self.report.user_size, ==, 0x4000000);
}

static void
test_storage_hostile (void)
{
  static const char *const blocks[] = { "01", EMMC_OF ("0000000000000001", "000000"), Z4 };

  for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      g_auto (Session) self = { 0 };

      start_storage (&self, blocks[i], NO_UFS);
      g_assert_error (self.error, UB_ERROR, UB_ERROR_PROTOCOL);
    }
}

static void
check_no_storage (const char *nand, const char *nor, int code, const char *words)
{
  const Phone what = { PRELOADER, HIGH, NO_EMMC, NO_UFS, PACKETS, 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what.agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what.speed);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  say_storage (text, &what);
  control_get (text, UB_DA_XFLASH_GET_NAND_INFO, nand);
  control_get (text, UB_DA_XFLASH_GET_NOR_INFO, nor);
  check_failed (text, code, words);
}

static void
test_other_storages (void)
{
  check_no_storage ("10000000" Z32, Z16, UB_ERROR_UNSUPPORTED, "NAND");
  check_no_storage (Z48, "20000000" Z8, UB_ERROR_UNSUPPORTED, "NOR");
  check_no_storage (Z48, Z16, UB_ERROR_WRONG_STORAGE, "no storage");
  check_no_storage (NULL, NULL, UB_ERROR_WRONG_STORAGE, "no storage");
}

/* --- memory --- */

static void
say_brom (GString *text)
{
  const Phone what = OPEN_PHONE;

  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, BROM);
  say_storage (text, &what);
}

/* @tag: first byte of the block; @status 1: silence */
static void
say_settings (GString *text, guint8 tag, guint32 status)
{
  g_autofree char *block = g_strdup_printf ("%02x00000000000000", tag);

  command (text, UB_DA_XFLASH_INIT_EXT_RAM, 0);
  host32 (text, EMI_SIZE);
  host (text, block);
  if (status != 1)
    phone32 (text, status);
}

static void
say_rest (GString *text)
{
  const Phone what = OPEN_PHONE;

  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, what.speed);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  say_report (text, &what);
}

static UbEmi *
make_emi (const char *origin, guint n, guint match)
{
  UbEmi *emi = xflash_emi_new (origin, n, match, EMI_SIZE);

  ((guint8 *) g_bytes_get_data (emi->block, NULL))[0] = (guint8) origin[0];
  return emi;
}

/* one whose records name no memory */
static UbEmi *
make_general_emi (const char *origin)
{
  UbEmi *emi = make_emi (origin, 1, 1);

  g_array_index (emi->index, UbEmiRecord, 0).id_length = 0;
  return emi;
}

static UbEmi *
find_own (UbDaBootReader read, gpointer reader_data, guint64 size, gpointer user_data)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (size, ==, 0x400000);
  g_assert_null (read (size - 0x200, 0x400, reader_data, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_INTERNAL);
  g_clear_error (&error);
  bytes = read (0x200, 0x200, reader_data, &error);
  g_assert_true ((bytes == NULL) == (error != NULL));
  return bytes != NULL && user_data != NULL ? make_emi (user_data, 1, 1) : NULL;
}

static void
say_boot_read (GString *text, guint32 status)
{
  g_autofree char *zeros = g_strnfill (0x400, '0');

  command (text, UB_DA_XFLASH_READ_DATA, status);
  if (status != 0)
    return;
  range (text, 1, 1, 0x200, 0x200);
  phone32 (text, 0);
  phone32 (text, 0);
  phone (text, zeros);
  command (text, 0, 0);
}

static void
start_emi (Session *self, GString *text, gboolean finder, const char *own, UbEmi **emis)
{
  session_open (self, text->str, DA2_SIZE);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (self->cable->inner), FALSE);
  for (; emis != NULL && *emis != NULL; emis++)
    g_ptr_array_add (self->setup.emis, *emis);
  self->setup.setup.find_emi = finder ? find_own : NULL;
  self->setup.setup.find_emi_data = (gpointer) own;
  session_start (self);
}

/* the phone's own first, then those that name its memory, then those that name none, never others' */
static void
test_emi_order (void)
{
  UbEmi *emis[] = { make_general_emi ("c general"),
                    make_emi ("x others", 2, 9),
                    make_emi ("b fits", 2, 1),
                    make_general_emi ("d general"),
                    NULL };
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_brom (text);
  say_boot_read (text, 0);
  say_settings (text, 'a', 0xc0040050);
  say_settings (text, 'b', 0xc004000a);
  say_settings (text, 'c', 0xc0030005);
  say_settings (text, 'd', 0);
  say_rest (text);
  start_emi (&self, text, TRUE, "a own", emis);
  check_started (&self);
  g_assert_cmpstr (self.report.emi_origin, ==, "d general");
  g_assert_true (self.report.dram_by_us);
}

/* a DA1 that cannot read, a boot area without settings: the package's */
static void
test_emi_no_own (void)
{
  static const guint32 statuses[] = { 0xc0010003, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      UbEmi *emis[] = { make_emi ("b fits", 1, 0), NULL };
      g_auto (Session) self = { 0 };
      g_autoptr (GString) text = g_string_new (NULL);

      say_brom (text);
      say_boot_read (text, statuses[i]);
      say_settings (text, 'b', 0);
      say_rest (text);
      start_emi (&self, text, TRUE, NULL, emis);
      check_started (&self);
    }
}

static void
test_emi_none (void)
{
  UbEmi *emis[] = { make_emi ("x others", 2, 9), NULL };
  g_auto (Session) others = { 0 };
  g_auto (Session) nothing = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_brom (text);
  start_emi (&others, text, FALSE, NULL, emis);
  g_assert_error (others.error, UB_ERROR, UB_ERROR_NO_EMI);
  g_assert_nonnull (strstr (others.error->message,
                            "id 1101004f5241434c45, the settings are for "
                            "x others (version 35): 1101004f5241434ce0"));
  start_emi (&nothing, text, FALSE, NULL, NULL);
  g_assert_error (nothing.error, UB_ERROR, UB_ERROR_NO_EMI);
  g_assert_nonnull (strstr (nothing.error->message, "there are no memory settings"));
}

/* all tested, none good; the one that hangs the agent; what is left of an agent after a test */
static void
test_emi_dram (void)
{
  static const guint32 second[] = { 0xc004000a, 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (second); i++)
    {
      UbEmi *emis[] = { make_emi ("b fits", 1, 0), make_emi ("c fits", 1, 0), NULL };
      g_auto (Session) self = { 0 };
      g_autoptr (GString) text = g_string_new (NULL);

      say_brom (text);
      say_settings (text, 'b', 0xc004000a);
      say_settings (text, 'c', second[i]);
      start_emi (&self, text, FALSE, NULL, emis);
      g_assert_error (self.error, UB_ERROR, UB_ERROR_DRAM);
    }
}

static void
test_emi_dead_after_test (void)
{
  UbEmi *emis[] = { make_emi ("b fits", 1, 0), make_emi ("c fits", 1, 0), NULL };
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_brom (text);
  say_settings (text, 'b', 0xc004000a);
  host32 (text, UB_DA_XFLASH_INIT_EXT_RAM);
  start_emi (&self, text, FALSE, NULL, emis);
  g_assert_error (self.error, UB_ERROR, UB_ERROR_DRAM);
  g_assert_nonnull (strstr (self.error->message, "STATUS_DRAM_TEST_FAILED"));
}

/* a phone that tells no id: its agent chooses, so all are shown */
static void
test_emi_nameless (void)
{
  const Phone what = { BROM, HIGH, NULL, NULL, PACKETS, 0 };
  UbEmi      *emis[] = { make_emi ("x others", 2, 9), NULL };
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what.agent);
  say_storage (text, &what);
  say_settings (text, 'x', 0);
  say_rest (text);
  start_emi (&self, text, TRUE, "never asked", emis);
  check_started (&self);
}

/* --- USB --- */

static void
check_speed (const char *cable, const char *told, const char *answer, gboolean high, guint reopened)
{
  Phone what = OPEN_PHONE;
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, what.agent);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, told);
  g_string_append (text, answer);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, NULL);
  say_report (text, &what);
  session_open (&self, text->str, DA2_SIZE);
  self.cable->speed = cable;
  session_start (&self);
  check_started (&self);
  g_assert_cmpint (self.report.high_speed, ==, high);
  g_assert_cmpuint (self.cable->reopened, ==, reopened);
}

static void
test_usb_speed (void)
{
  g_autoptr (GString) faster = g_string_new (NULL);
  g_autoptr (GString) slow = g_string_new (NULL);
  g_autoptr (GString) unknown = g_string_new (NULL);
  g_autoptr (GString) refused = g_string_new (NULL);

  command (faster, UB_DA_XFLASH_SWITCH_USB_SPEED, 0);
  command (faster, 0, 0);
  g_string_append (slow, faster->str);
  control_get (faster, UB_DA_XFLASH_GET_USB_SPEED, HIGH);
  control_get (slow, UB_DA_XFLASH_GET_USB_SPEED, FULL);
  command (unknown, UB_DA_XFLASH_SWITCH_USB_SPEED, 0xc0010003);
  command (refused, UB_DA_XFLASH_SWITCH_USB_SPEED, 0);
  command (refused, 0, 0xc0010001);
  check_speed ("full", FULL, faster->str, TRUE, 1);
  check_speed ("full", FULL, slow->str, FALSE, 1);
  check_speed ("full", FULL, unknown->str, FALSE, 0);
  check_speed ("full", FULL, refused->str, FALSE, 0);
  check_speed ("full", HIGH, "", TRUE, 0);
  check_speed ("high", FULL, "", TRUE, 0);
  check_speed ("", FULL, "", FALSE, 0);
}

/* --- login --- */

static UbKey *
open_key (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", "keys", "pkcs8.pem", NULL);
  g_autoptr (GError) error = NULL;
  UbKey *key = ub_key_open (path, &error);

  g_assert_no_error (error);
  return key;
}

static void
say_login (GString *text, const char *challenge)
{
  say_hello (text);
  control_get (text, UB_DA_XFLASH_GET_CONNECTION_AGENT, PRELOADER);
  control_get (text, UB_DA_XFLASH_GET_USB_SPEED, HIGH);
  say_second (text);
  control_get (text, UB_DA_XFLASH_GET_SLA_STATUS, "01000000");
  if (challenge != NULL)
    control_get (text, UB_DA_XFLASH_GET_DEV_FW_INFO, challenge);
}

#define CHALLENGE "00000100" CID Z48

/* a login that is as long as the key */
static void
say_answer (GString *text, guint32 status)
{
  g_autoptr (UbKey) key = open_key ();
  const gsize size = ub_key_get_size (key);

  command (text, UB_DA_XFLASH_DEVICE_CTRL, 0);
  command (text, UB_DA_XFLASH_SET_REMOTE_SEC_POLICY, 0);
  g_string_append_printf (text,
                          "H>D efeeeefe01000000%02x%02x0000\nH>D (%" G_GSIZE_FORMAT
                          " bytes, sha256 00)\n",
                          (guint) (size & 0xff),
                          (guint) (size >> 8),
                          size);
  phone32 (text, status);
}

static void
start_with_key (Session *self, GString *text, const UbKey *key)
{
  session_open (self, text->str, DA2_SIZE);
  self->setup.setup.key = key;
  session_start (self);
}

static void
test_login (void)
{
  const Phone what = OPEN_PHONE;
  g_autoptr (UbKey) key = open_key ();
  g_auto (Session) good = { 0 };
  g_auto (Session) bad = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_login (text, CHALLENGE);
  say_answer (text, 0);
  say_report (text, &what);
  start_with_key (&good, text, key);
  check_started (&good);
  g_assert_true (good.report.login_done);

  g_string_truncate (text, 0);
  say_login (text, CHALLENGE);
  say_answer (text, 0xc0020049);
  start_with_key (&bad, text, key);
  g_assert_error (bad.error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
  g_assert_nonnull (strstr (bad.error->message, "0xc0020049"));
}

static void
test_login_without (void)
{
  g_autoptr (UbKey) key = open_key ();
  g_auto (Session) nothing = { 0 };
  g_auto (Session) mute = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_login (text, NULL);
  start_with_key (&nothing, text, NULL);
  g_assert_error (nothing.error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
  g_assert_nonnull (strstr (nothing.error->message, "there is no key"));
  g_string_truncate (text, 0);
  say_login (text, "12345678");
  start_with_key (&mute, text, key);
  g_assert_error (mute.error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
}

/* --- writing --- */

static void
say_packet (GString *text, guint32 sum, gsize size, guint32 status, guint32 final)
{
  host32 (text, 0);
  host32 (text, sum);
  g_string_append_printf (text,
                          "H>D efeeeefe01000000%02x%02x%02x00\nH>D (%" G_GSIZE_FORMAT
                          " bytes, sha256 00)\n",
                          (guint) (size & 0xff),
                          (guint) (size >> 8 & 0xff),
                          (guint) (size >> 16),
                          size);
  phone32 (text, status);
  if (final != 1)
    phone32 (text, final);
}

static void
say_write (GString *text, guint64 offset, guint64 length, guint32 status)
{
  command (text, UB_DA_XFLASH_WRITE_DATA, 0);
  range (text, 1, 8, offset, length);
  phone32 (text, status);
}

/* answers the next command, so that a test sees that both are in step */
static void
say_battery (GString *text)
{
  control_get (text, UB_DA_XFLASH_GET_BATTERY_VOLTAGE, "0a0f0000");
}

static void
check_in_step (Session *self)
{
  UbDaHealth health;

  ub_da_read_health (self->da, &health);
  g_assert_cmpint (health.battery_mv, ==, 3850);
  g_assert_true (session_is_finished (self));
}

/* one send for each packet, however many messages it is */
static void
test_write_is_queued_together (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  guint sends;

  say_write (text, 0x1000, 0x3000, 0);
  say_packet (text, 0, 0x1000, 0, 1);
  say_packet (text, 0, 0x1000, 0, 1);
  say_packet (text, 0, 0x1000, 0, 0);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x3000);
  sends = self.cable->sends;
  g_assert_true (write_raw (&self, &content, UB_REGION_EMMC_USER, 0x1000));
  g_assert_no_error (self.error);
  g_assert_cmpuint (self.cable->sends - sends, ==, 2 + 3);
  g_assert_true (session_is_finished (&self));
}

/* the third of four is damaged twice: written anew from there, and no packet is asked for twice */
static void
test_write_damaged (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x4000, 0);
  say_packet (text, 0xf800, 0x1000, 0, 1);
  say_packet (text, 0xf800, 0x1000, 0, 1);
  say_packet (text, 0xf800, 0x1000, 0xc0040003, 0xc0040003);
  say_write (text, 0x2000, 0x2000, 0);
  say_packet (text, 0xf800, 0x1000, 0xc0040003, 0xc0040003);
  say_write (text, 0x2000, 0x2000, 0);
  say_packet (text, 0xf800, 0x1000, 0, 1);
  say_packet (text, 0xf800, 0x1000, 0, 0);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 1, 0x4000);
  g_assert_true (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_no_error (self.error);
  g_assert_cmpuint (content.asked, ==, 4);
  g_assert_true (session_is_finished (&self));
}

static void
check_write_fails (GString *said, int code, const char *words, guint asked)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (said->str);

  say_battery (text);
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_error (self.error, UB_ERROR, code);
  g_assert_nonnull (strstr (self.error->message, words));
  g_assert_cmpuint (content.asked, ==, asked);
  check_in_step (&self);
}

/* refused before a byte moved: the caller writes by name instead */
static void
test_write_refused (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x1000, 0xc002000c);
  check_write_fails (text, UB_ERROR_REFUSED, "0xc002000c (STATUS_SEC_WRITE_DATA_NOT_ALLOWED)", 0);
  g_string_truncate (text, 0);
  say_write (text, 0, 0x1000, 0xc00200ff);
  check_write_fails (text, UB_ERROR_REFUSED, "security policy", 0);
}

static void
test_write_failures (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x1000, 0);
  say_packet (text, 0, 0x1000, 0xc0040030, 0xc0040030);
  check_write_fails (text, UB_ERROR_STORAGE_WRITE, "0xc0040030 (STATUS_MMC_ERR)", 1);
  g_string_truncate (text, 0);
  say_write (text, 0, 0x1000, 0);
  say_packet (text, 0, 0x1000, 0, 0xc0020007);
  check_write_fails (text, UB_ERROR_REFUSED, "signature", 1);
  g_string_truncate (text, 0);
  say_write (text, 0, 0x1000, 0);
  say_packet (text, 0, 0x1000, 0, 0x40040001);
  check_write_fails (text, UB_ERROR_STORAGE_WRITE, "STATUS_SPARSE_INCOMPLETE", 1);
  g_string_truncate (text, 0);
  command (text, UB_DA_XFLASH_WRITE_DATA, 0xc0010003);
  check_write_fails (text, UB_ERROR_UNSUPPORTED, "STATUS_UNSUPPORT_CMD", 0);
}

/* somebody gives up after the first packet: our status where the second would begin */
static void
test_write_cancelled (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x2000, 0);
  say_packet (text, 0, 0x1000, 0, 1);
  command (text, 1, 1);
  say_battery (text);
  start_and (&self, text);
  self.xflash->write_packet = 0x1000;
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x2000);
  content.cancel_after = self.cancellable;
  g_assert_false (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  check_in_step (&self);
}

/* what begins like a sparse image is written as it is by range, and would be expanded by name */
static void
test_write_sparse_begin (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_write (text, 0, 0x200, 0);
  g_string_append (text, "H>D efeeeefe0100000004000000\nH>D 00000000\n");
  g_string_append (text, "H>D efeeeefe0100000004000000\nH>D (4 bytes, sha256 00)\n");
  g_string_append (text,
                   "H>D efeeeefe0100000000020000\nH>D (512 bytes, sha256 00)\nD>H "
                   "efeeeefe0100000004000000\nD>H 00000000\n");
  phone32 (text, 0);
  control_act (text, UB_DA_XFLASH_START_DL_INFO, 0);
  command (text, UB_DA_XFLASH_DOWNLOAD, 0);
  host (text, "7375706572");
  host (text, "0002000000000000");
  phone32 (text, 0);
  command (text, 1, 1);
  control_act (text, UB_DA_XFLASH_END_DL_INFO, 0);
  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x200);
  content.sparse = TRUE;
  g_assert_true (write_raw (&self, &content, UB_REGION_EMMC_USER, 0));
  g_assert_no_error (self.error);
  content.position = 0;
  g_assert_false (write_name (&self, &content, "super"));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_assert_true (session_is_finished (&self));
}

static void
say_download (GString *text, const char *name, const char *length, guint32 status)
{
  command (text, UB_DA_XFLASH_DOWNLOAD, 0);
  host (text, name);
  host (text, length);
  phone32 (text, status);
}

/* one packet's part is sent again as a whole; of longer ones the begin is gone */
static void
test_download_damaged (void)
{
  g_auto (Session) shorter = { 0 };
  g_auto (Session) longer = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  control_get (text, UB_DA_XFLASH_START_DL_INFO, NULL);
  say_download (text, "50475054", "0010000000000000", 0);
  say_packet (text, 0, 0x1000, 0xc0040003, 0xc0040003);
  say_download (text, "50475054", "0010000000000000", 0);
  say_packet (text, 0, 0x1000, 0, 0);
  control_get (text, UB_DA_XFLASH_END_DL_INFO, NULL);
  start_and (&shorter, text);
  g_auto (Content) short_content = CONTENT_INIT (&shorter, 0, 0x1000);
  g_assert_true (write_name (&shorter, &short_content, "PGPT"));
  g_assert_no_error (shorter.error);
  g_assert_true (session_is_finished (&shorter));

  g_string_truncate (text, 0);
  control_act (text, UB_DA_XFLASH_START_DL_INFO, 0);
  say_download (text, "50475054", "0020000000000000", 0);
  say_packet (text, 0, 0x1000, 0, 1);
  say_packet (text, 0, 0x1000, 0xc0040003, 0xc0040003);
  control_act (text, UB_DA_XFLASH_END_DL_INFO, 0);
  start_and (&longer, text);
  longer.xflash->write_packet = 0x1000;
  g_auto (Content) long_content = CONTENT_INIT (&longer, 0, 0x2000);
  g_assert_false (write_name (&longer, &long_content, "PGPT"));
  g_assert_error (longer.error, UB_ERROR, UB_ERROR_CHECKSUM);
  g_assert_true (session_is_finished (&longer));
}

static void
test_names_of_ours (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = g_strnfill (65, 'a');

  start_and (&self, text);
  g_auto (Content) content = CONTENT_INIT (&self, 0, 0x1000);
  g_assert_false (write_name (&self, &content, ""));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_INTERNAL);
  g_clear_error (&self.error);
  g_assert_false (write_name (&self, &content, name));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_INTERNAL);
  g_assert_true (session_is_finished (&self));
}

/* --- reading --- */

static void
say_chunk (GString *text, gsize size, gsize ack)
{
  phone32 (text, 0);
  g_string_append_printf (text,
                          "D>H efeeeefe01000000%02x%02x%02x00\nD>H (%" G_GSIZE_FORMAT
                          " bytes, sha256 00)\n",
                          (guint) (size & 0xff),
                          (guint) (size >> 8 & 0xff),
                          (guint) (size >> 16),
                          size);
  host32 (text, (guint32) ack);
}

static void
say_read (GString *text, guint32 section, guint64 offset, guint64 length)
{
  command (text, UB_DA_XFLASH_READ_DATA, 0);
  range (text, 1, section, offset, length);
  phone32 (text, 0);
}

/* 16 MiB and a rest: two commands; packets of whatever size the agent likes */
static void
test_read_in_pieces (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0x200, 0x1000000);
  for (guint i = 0; i < 8; i++)
    say_chunk (text, 0x200000, 0);
  phone32 (text, 0);
  say_read (text, 8, 0x1000200, 0x400);
  say_chunk (text, 0x100, 0);
  say_chunk (text, 0x300, 0);
  phone32 (text, 0);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0x200, 0x1000400), ==, 0x1000400);
  g_assert_true (session_is_finished (&self));
}

static gboolean
refuse_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_SPACE, "full");
  return FALSE;
}

/* nobody wants the rest: it is taken, and the next command is in step */
static void
test_read_unwanted (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0, 0x600);
  for (guint i = 0; i < 3; i++)
    say_chunk (text, 0x200, 0);
  phone32 (text, 0);
  say_battery (text);
  start_and (&self, text);
  g_assert_false (ub_da_read (self.da,
                              UB_REGION_EMMC_USER,
                              0,
                              0x600,
                              refuse_bytes,
                              NULL,
                              NULL,
                              NULL,
                              NULL,
                              &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_NO_SPACE);
  check_in_step (&self);
}

static void
check_read_fails (const char *said, int code)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0, 0x400);
  g_string_append (text, said);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0, 0x400), ==, G_MAXSIZE);
  g_assert_error (self.error, UB_ERROR, code);
}

#define ZERO "D>H efeeeefe0100000004000000\nD>H 00000000\n"

static void
test_read_hostile (void)
{
  g_autoptr (GString) failing = g_string_new (NULL);

  phone32 (failing, 0xc0040030);
  check_read_fails (failing->str, UB_ERROR_STORAGE_READ);
  check_read_fails (ZERO "D>H efeeeefe0100000000000000\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe0100000001040000\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe01000000ffffffff\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe0200000001000100\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H efeeeefe0300000004000000\n", UB_ERROR_PROTOCOL);
  check_read_fails (ZERO "D>H 3c3f786d6c2076657273696f\n", UB_ERROR_PROTOCOL);
  check_read_fails ("D>H efeeeefe0100000002000000\nD>H 0000\n", UB_ERROR_PROTOCOL);
  check_read_fails ("D>H efeeeefe0100000041000000\n", UB_ERROR_PROTOCOL);
  check_read_fails ("", UB_ERROR_LINK_TIMEOUT);
  check_read_fails (ZERO, UB_ERROR_LINK_TIMEOUT);
}

/* a status may be longer than it has to */
static void
test_long_status (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  host32 (text, UB_DA_XFLASH_READ_DATA);
  phone (text, "0000000012345678");
  range (text, 1, 8, 0, 0x200);
  phone32 (text, 0);
  say_chunk (text, 0x200, 0);
  phone32 (text, 0);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0, 0x200), ==, 0x200);
}

/* what was late is thrown away before the next command */
static void
test_late_answers (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_read (text, 8, 0, 0x200);
  phone32 (text, 0xc0040030);
  phone32 (text, 0xc0040030);
  say_battery (text);
  start_and (&self, text);
  g_assert_cmpuint (read_raw (&self, UB_REGION_EMMC_USER, 0, 0x200), ==, G_MAXSIZE);
  check_in_step (&self);
}

/* log, ticks: nothing goes on for ever */
static void
check_babble (const guint8 *data, gsize size, gboolean erase, const char *words)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean ok;

  start_and (&self, text);
  self.cable->babble = TRUE;
  self.cable->babble_data = data;
  self.cable->babble_size = size;
  ok = erase ? ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 0x200, NULL, NULL, NULL, &self.error)
             : read_raw (&self, UB_REGION_EMMC_USER, 0, 0x200) != G_MAXSIZE;
  g_assert_false (ok);
  g_assert_error (self.error, UB_ERROR, UB_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (self.error->message, words));
}

static void
test_endless (void)
{
  static const guint8 log[] = { 0xef, 0xee, 0xee, 0xfe, 2, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0 };
  static const guint8 tick[] = { 0xef, 0xee, 0xee, 0xfe, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 4, 0x40 };

  check_babble (log, sizeof log, FALSE, "log messages");
  check_babble (tick, sizeof tick, TRUE, "steps");
}

/* --- erasing --- */

static void
say_erase (GString *text, guint64 offset, guint64 length, guint32 status)
{
  command (text, UB_DA_XFLASH_FORMAT, 0);
  range (text, 1, 8, offset, length);
  phone32 (text, status);
}

static void
say_tick (GString *text, guint32 percent)
{
  phone32 (text, 0x40040004);
  phone32 (text, percent);
  host32 (text, 0);
}

static void
note_progress (guint64 done, guint64 total, gpointer user_data)
{
  GArray *steps = user_data;

  g_assert_cmpuint (done, <=, total);
  g_array_append_val (steps, done);
}

static void
test_erase (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (guint64));

  say_erase (text, 0x200, 0x10000000, 0);
  say_tick (text, 50);
  say_tick (text, 0xffffffff);
  phone32 (text, 0x40040005);
  say_erase (text, 0x10000200, 0x200, 0);
  phone32 (text, 0);
  start_and (&self, text);
  g_assert_true (UB_DA_GET_CLASS (self.da)->erase (self.da,
                                                   UB_REGION_EMMC_USER,
                                                   0x200,
                                                   0x10000200,
                                                   note_progress,
                                                   steps,
                                                   NULL,
                                                   &self.error));
  g_assert_no_error (self.error);
  g_assert_cmpuint (g_array_index (steps, guint64, 0), ==, 0x10000000 / 100 * 50);
  g_assert_cmpuint (g_array_index (steps, guint64, steps->len - 1), ==, 0x10000200);
  g_assert_true (session_is_finished (&self));
}

static void
check_erase_fails (GString *said, int code)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (said->str);

  say_battery (text);
  start_and (&self, text);
  g_assert_false (
      ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 0x200, NULL, NULL, NULL, &self.error));
  g_assert_error (self.error, UB_ERROR, code);
  check_in_step (&self);
}

static void
test_erase_fails (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  say_erase (text, 0, 0x200, 0xc002000d);
  check_erase_fails (text, UB_ERROR_REFUSED);
  g_string_truncate (text, 0);
  say_erase (text, 0, 0x200, 0xc002000d);
  say_tick (text, 100);
  phone32 (text, 0x40040005);
  check_erase_fails (text, UB_ERROR_REFUSED);
  g_string_truncate (text, 0);
  say_erase (text, 0, 0x200, 0);
  say_tick (text, 10);
  phone32 (text, 0xc0040060);
  check_erase_fails (text, UB_ERROR_STORAGE_ERASE);
}

/* --- health and farewell --- */

static void
check_wear (const char *life, guint32 status, int a, int b, int eol)
{
  Phone what = OPEN_PHONE;
  g_auto (Session) self = { 0 };
  g_autofree char *emmc = g_strdup_printf (EMMC_OF (USER_64M, "%s"), life);
  g_autoptr (GString) text = g_string_new (NULL);
  UbDaHealth health;

  what.emmc = emmc;
  say_start (text, &what);
  /* no battery: data, and then a status that says they are worth nothing */
  command (text, UB_DA_XFLASH_DEVICE_CTRL, 0);
  command (text, UB_DA_XFLASH_GET_BATTERY_VOLTAGE, 0);
  phone (text, "0a0f0000");
  phone32 (text, 0xc0040001);
  if (status != 1)
    control_act (text, UB_DA_XFLASH_LIFE_CYCLE_CHECK, status);
  start (&self, text);
  ub_da_read_health (self.da, &health);
  g_assert_cmpint (health.battery_mv, ==, -1);
  g_assert_cmpint (health.life_time_a, ==, a);
  g_assert_cmpint (health.life_time_b, ==, b);
  g_assert_cmpint (health.pre_eol, ==, eol);
  g_assert_true (session_is_finished (&self));
}

static void
test_health (void)
{
  check_wear ("010203", 1, 2, 3, 1);
  check_wear ("03000c", 1, -1, -1, 3);
  check_wear ("000b00", 0, 11, -1, 1);
  check_wear ("000000", 0xc003001c, -1, -1, 2);
  check_wear ("ff0000", 0xc003001d, -1, -1, 3);
  check_wear ("000000", 0xc0040001, -1, -1, -1);
}

static void
test_finish_refused (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  command (text, UB_DA_XFLASH_SHUTDOWN, 0);
  host (text, "01000000" Z16 Z4);
  phone32 (text, 0xc0010001);
  start_and (&self, text);
  g_assert_false (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_REFUSED);
}

/* --- words --- */

static void
test_statuses (void)
{
  g_assert_cmpint (ub_da_xflash_status_error (0xc0040004, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_IMAGE_TOO_BIG);
  g_assert_cmpint (ub_da_xflash_status_error (0xc0020005, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_REFUSED);
  g_assert_cmpint (ub_da_xflash_status_error (0xc0020042, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_NEEDS_AUTH);
  g_assert_cmpint (ub_da_xflash_status_error (0x12345678, UB_ERROR_STORAGE_WRITE),
                   ==,
                   UB_ERROR_STORAGE_WRITE);
  g_assert_cmpstr (ub_da_xflash_status_name (0x12345678), ==, "unknown");
  g_assert_false (ub_da_xflash_status_is_failure (0x40040005));
  g_assert_true (ub_da_xflash_status_is_failure (1));
}

static void
test_checksum (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5, 0xff };
  g_autofree guint8  *many = g_malloc (0x10001);
  g_auto (Session) self = { 0 };

  session_open (&self, "", DA2_SIZE);
  memset (many, 0xff, 0x10001);
  g_assert_cmphex (ub_da_checksum (self.da, data, 6), ==, 0x10e);
  g_assert_cmphex (ub_da_checksum (self.da, data, 5), ==, 0x10e);
  /* never more than 16 bits: the agent compares 32 */
  g_assert_cmphex (ub_da_checksum (self.da, many, 0x10000), ==, 0);
  g_assert_cmphex (ub_da_checksum (self.da, many, 0x10001), ==, 0x1fe);
  g_assert_cmphex (ub_da_checksum (self.da, many, 0x101), ==, 0xfe);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xflash/preloader", test_preloader);
  g_test_add_func ("/xflash/silence", test_silence);
  g_test_add_func ("/xflash/refusals-at-start", test_refusals_at_start);
  g_test_add_func ("/xflash/sync-at-once", test_sync_at_once);
  g_test_add_func ("/xflash/unknown-controls-are-tolerated", test_knows_little);
  g_test_add_func ("/xflash/packet-size", test_packet_size);
  g_test_add_func ("/xflash/cancelled", test_cancelled);
  g_test_add_func ("/xflash/ufs", test_ufs);
  g_test_add_func ("/xflash/ufs-of-old-agents", test_ufs_of_old_agents);
  g_test_add_func ("/xflash/emmc-of-old-agents", test_emmc_of_old_agents);
  g_test_add_func ("/xflash/storage-hostile", test_storage_hostile);
  g_test_add_func ("/xflash/other-storages", test_other_storages);
  g_test_add_func ("/xflash/emi-order", test_emi_order);
  g_test_add_func ("/xflash/emi-no-own", test_emi_no_own);
  g_test_add_func ("/xflash/emi-none", test_emi_none);
  g_test_add_func ("/xflash/emi-dram", test_emi_dram);
  g_test_add_func ("/xflash/emi-dead-after-test", test_emi_dead_after_test);
  g_test_add_func ("/xflash/emi-nameless", test_emi_nameless);
  g_test_add_func ("/xflash/usb-speed", test_usb_speed);
  g_test_add_func ("/xflash/login", test_login);
  g_test_add_func ("/xflash/login-without", test_login_without);
  g_test_add_func ("/xflash/write-is-queued-together", test_write_is_queued_together);
  g_test_add_func ("/xflash/write-damaged", test_write_damaged);
  g_test_add_func ("/xflash/write-refused", test_write_refused);
  g_test_add_func ("/xflash/write-failures", test_write_failures);
  g_test_add_func ("/xflash/write-cancelled", test_write_cancelled);
  g_test_add_func ("/xflash/write-sparse-begin", test_write_sparse_begin);
  g_test_add_func ("/xflash/download-damaged", test_download_damaged);
  g_test_add_func ("/xflash/names-of-ours", test_names_of_ours);
  g_test_add_func ("/xflash/read-in-pieces", test_read_in_pieces);
  g_test_add_func ("/xflash/read-unwanted", test_read_unwanted);
  g_test_add_func ("/xflash/read-hostile", test_read_hostile);
  g_test_add_func ("/xflash/long-status", test_long_status);
  g_test_add_func ("/xflash/late-answers", test_late_answers);
  g_test_add_func ("/xflash/endless", test_endless);
  g_test_add_func ("/xflash/erase", test_erase);
  g_test_add_func ("/xflash/erase-fails", test_erase_fails);
  g_test_add_func ("/xflash/health", test_health);
  g_test_add_func ("/xflash/finish-refused", test_finish_refused);
  g_test_add_func ("/xflash/statuses", test_statuses);
  g_test_add_func ("/xflash/checksum", test_checksum);
  return g_test_run ();
}
