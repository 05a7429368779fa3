/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* how XFLASH agents are started: what no recording shows */

#include "tests/da/test-xflash-talk.h"

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
  start_storage (&nameless, Z4, "3000000000100000" BOOT_4M BOOT_4M "0000001000000000");
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
  static const char *const blocks[] = { "01000000", EMMC_OF ("0000000000000001", "000000") };

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

static UbEmi *
lose_own (UbDaBootReader read, gpointer reader_data, guint64 size, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  ((Session *) user_data)->cable->is_out = TRUE;
  g_assert_null (read (0, 0x200, reader_data, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_LOST);
  return NULL;
}

/* whose cable goes while the phone's own are read has settings, for all we know */
static void
test_emi_lost (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  say_brom (text);
  session_open (&self, text->str, DA2_SIZE);
  self.setup.setup.find_emi = lose_own;
  self.setup.setup.find_emi_data = &self;
  session_start (&self);
  g_assert_error (self.error, UB_ERROR, UB_ERROR_LINK_LOST);
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
  g_test_add_func ("/xflash/emi-lost", test_emi_lost);
  g_test_add_func ("/xflash/emi-none", test_emi_none);
  g_test_add_func ("/xflash/emi-dram", test_emi_dram);
  g_test_add_func ("/xflash/emi-dead-after-test", test_emi_dead_after_test);
  g_test_add_func ("/xflash/emi-nameless", test_emi_nameless);
  g_test_add_func ("/xflash/usb-speed", test_usb_speed);
  g_test_add_func ("/xflash/login", test_login);
  g_test_add_func ("/xflash/login-without", test_login_without);
  return g_test_run ();
}
