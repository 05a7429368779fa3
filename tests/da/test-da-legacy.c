/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/da/test-conversation.h"

static void
check_start (guint16 hw_code, guint year, UbEmi *emi, const char *text)
{
  g_auto (Session) self = { 0 };

  begin (&self, hw_code, year, 4, emi, text);
  check_all_said (&self);
}

static void
check_start_fails (guint16 hw_code, UbEmi *emi, const char *text, int code, const char *words)
{
  g_auto (Session) self = { 0 };

  begin (&self, hw_code, 2019, 4, emi, text);
  g_assert_false (self.started);
  g_assert_error (self.error, UB_ERROR, code);
  if (strstr (self.error->message, words) == NULL)
    g_error ("'%s' is not in '%s'", words, self.error->message);
}

/* --- start: flows --- */

static void
test_flows (void)
{
  check_start (0x6572,
               2019,
               NULL,
               HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_4 EMMC SDMMC CONFIG_REPORT TAIL USB_HIGH);
  check_start (0x0321, 2019, NULL, PLAIN_START);
  check_start (0x6583,
               2019,
               NULL,
               HELLO_5                                                                 BLOCK_6583
               "H>D 00000000\n" DRAM_UP DA2_4 NOR NAND_4 EMMC SDMMC CONFIG_REPORT TAIL USB_HIGH);
  check_start (0x6582,
               2019,
               NULL,
               HELLO_5                                                                 BLOCK
               "H>D 00000001\n" DRAM_UP DA2_4 NOR NAND_4 EMMC SDMMC CONFIG_REPORT TAIL USB_HIGH);
  check_start (0x6571, 2019, NULL, HELLO_5 BLOCK "H>D 00000001\n" DRAM_UP DA2_4 REPORT USB_HIGH);
  check_start (0x6580, 2019, NULL, HELLO_5 BLOCK SLC DRAM_UP DA2_4 REPORT USB_HIGH);
  check_start (0x8163,
               2019,
               NULL,
               HELLO_5 BLOCK SLC DRAM_UP DA2_4 NOR NAND_8 EMMC SDMMC CONFIG_REPORT
               "D>H 00000050\n" TAIL                                 USB_HIGH);
  check_start (0x8127,
               2019,
               NULL,
               HELLO_5 BLOCK "H>D 00000000\n" SLC DRAM_UP DA2_4 NOR NAND_8 EMMC SDMMC CONFIG_REPORT
                             "D>H 00000050\n" TAIL                                    USB_HIGH);
}

static void
test_flow_6592 (void)
{
  check_start (0x6592,
               2019,
               NULL,
               HELLO_5 BLOCK "H>D 00000000\n" DRAM_UP FIVE_WORDS DA2_4 NOR NAND_4 EMMC SDMMC
                   CONFIG_REPORT TAIL USB_HIGH);
  check_start (0x6592,
               2015,
               NULL,
               HELLO_5 BLOCK DRAM_UP FIVE_WORDS DA2_4 NOR NAND_4 EMMC SDMMC CONFIG_REPORT TAIL
                   USB_HIGH);
}

/* the DA1 itself tells whether it reads the percentages */
static void
test_flow_by_content (void)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GBytes) da1 = g_bytes_new_static ("an old agent", 12);

  test_setup_init (&self.setup, 0x6580, 2015, 4, NULL);
  g_bytes_unref (self.setup.setup.da1);
  self.setup.setup.da1 = g_bytes_ref (da1);
  self.link = ub_link_replay_new_from_text (PLAIN_START, &self.error);
  self.da = ub_da_new (UB_PROTOCOL_LEGACY, self.link, &self.error);
  self.started = ub_da_legacy_start_after_jump (UB_DA_LEGACY (self.da),
                                                &self.setup.setup,
                                                &self.report,
                                                NULL,
                                                NULL,
                                                NULL,
                                                &self.error);
  check_all_said (&self);
}

static void
test_v3_unsupported (void)
{
  check_start_fails (0x6577, NULL, "", UB_ERROR_UNSUPPORTED, "MT6577");
}

/* --- start: hello --- */

static void
test_hello_strays (void)
{
  check_start (0x0321, 2019, NULL, "D>H 0000ff5a\n" PLAIN_START);
}

static void
test_hello_silence (void)
{
  check_start_fails (0x0321, NULL, "", UB_ERROR_AGENT_SILENT, "does not answer");
  check_start_fails (0x0321, NULL, "D>H 000102\n", UB_ERROR_AGENT_SILENT, "does not answer");
  check_start_fails (0x0321, NULL, "D>H c0\nD>H 00000bc4\n", UB_ERROR_AGENT_SILENT, "fell silent");
  check_start_fails (0x0321, NULL, HELLO_5 BLOCK, UB_ERROR_AGENT_SILENT, "configuration");
}

static void
test_hello_hostile (void)
{
  check_start_fails (0x0321,
                     NULL,
                     "D>H c0\nD>H 00000bc4\nD>H ffff\n",
                     UB_ERROR_PROTOCOL,
                     "65535 NAND ids");
}

static void
test_hello_unknown_chip (void)
{
  check_start_fails (0x0321,
                     NULL,
                     "D>H c0\nD>H 00000bc4\nD>H 000500000000000000000000\n" IDS_EMMC
                     "H>D 5a\nD>H 0402ff\n",
                     UB_ERROR_NO_AGENT,
                     "does not know");
}

/* --- start: DRAM --- */

/* byte i of our records is i: 176 bytes, 188, 168 */
#define RECORD_168                                                                                 \
  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e" \
  "2f303132333435363738393a3b3c3d3e3f"                                                             \
  "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e" \
  "6f707172737475767778797a7b7c7d7e7f"                                                             \
  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7"
#define RECORD_176 RECORD_168 "a8a9aaabacadaeaf"
#define RECORD_188 RECORD_176 "b0b1b2b3b4b5b6b7b8b9babb"
#define DRAM_RESULT "H>D 5a80000001\nD>H 00000000\nD>H 02000000000020000000\n"
#define LIST_188 "H>D e800000015\nD>H 5a000000bc\nH>D 5a000000bc\nH>D " RECORD_188 "\nD>H 44aa\n"

static void
test_dram_list (void)
{
  g_auto (Session) self = { 0 };

  begin (&self,
         0x6580,
         2019,
         4,
         test_emi_new (21, 188, 1, 0),
         HELLO_5 BLOCK SLC DRAM_DOWN LIST_188 DRAM_RESULT DA2_4 REPORT USB_HIGH);
  check_all_said (&self);
  g_assert_true (self.report.dram_by_us);
  g_assert_cmpstr (self.report.emi_origin, ==, "preloader_test.bin");
  g_assert_cmpuint (self.report.ram_size, ==, 0x20000000);
}

/* older builds of MT6580 want version 17 */
static void
test_dram_old_build (void)
{
  g_auto (Session) self = { 0 };
  const char *text = HELLO_AS ("00000bc0") BLOCK SLC
      "D>H 00000bbf\nD>H 00000000\nD>H 4f0001114c4341523412104501877856\nD>H 00000bc0\nD>H "
      "000500000000000000000000\n"
      "H>D e800000011\nD>H 5a000000b0\nH>D 5a000000b0\nH>D " RECORD_176
      "\nD>H 3c28\n" DRAM_RESULT DA2_4 REPORT USB_HIGH;

  begin (&self, 0x6580, 2015, 4, test_emi_new (17, 176, 1, 0), text);
  check_all_said (&self);
  g_assert_true (UB_DA_LEGACY (self.da)->old_numbering);
}

/* MT6572: the phone's id again, and one record without a length; record 1 is the one */
static void
test_dram_single (void)
{
  g_autoptr (GString) hex = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_auto (Session) self = { 0 };
  guint sum = 0;

  for (guint i = 0; i < 168; i++)
    {
      g_string_append_printf (hex, "%02x", (i + 1) & 0xff);
      sum += (i + 1) & 0xff;
    }
  text = g_strdup_printf (HELLO_5 BLOCK DRAM_DOWN
                          "H>D e80000000b\nD>H 5a\nD>H 4f0001114c4341523412104501877856\nD>H "
                          "000000a8\nH>D 5a%s\nD>H %04x\n" DRAM_RESULT DA2_4 NOR NAND_4 EMMC SDMMC
                              CONFIG_REPORT TAIL USB_HIGH,
                          hex->str,
                          sum & 0xffff);
  begin (&self, 0x6572, 2019, 4, test_emi_new (11, 168, 3, 1), text);
  check_all_said (&self);
}

/* MT6592: five words more, behind the result */
static void
test_dram_6592 (void)
{
  check_start (0x6592,
               2015,
               test_emi_new (13, 188, 1, 0),
               HELLO_5 BLOCK DRAM_DOWN "H>D e80000000d\nD>H 5a000000bc\nH>D 5a" RECORD_188
                                       "\nD>H 44aa\n" DRAM_RESULT FIVE_WORDS DA2_4 NOR NAND_4 EMMC
                                           SDMMC CONFIG_REPORT TAIL USB_HIGH);
}

/* the agent has room for 20 records: of 25 the one that fits comes first, then what goes in */
static void
test_dram_too_many (void)
{
  g_autoptr (GString) hex = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_auto (Session) self = { 0 };
  guint sum = 0;

  for (guint n = 0; n < 20; n++)
    for (guint i = 0; i < 188; i++)
      {
        guint8 byte = (guint8) (i + (n == 0 ? 24 : n - 1));

        g_string_append_printf (hex, "%02x", byte);
        sum += byte;
      }
  text = g_strdup_printf (HELLO_5 BLOCK SLC DRAM_DOWN
                          "H>D e800000015\nD>H 5a000000bc\nH>D 5a00000eb0%s\nD>H %04x\n" DRAM_RESULT
                              DA2_4 REPORT USB_HIGH,
                          hex->str,
                          sum & 0xffff);
  begin (&self, 0x6580, 2019, 4, test_emi_new (21, 188, 25, 24), text);
  check_all_said (&self);
}

/* the second package's settings fit; a wrong version would not be taken */
static void
test_dram_choice (void)
{
  g_autofree char *upload = test_dup_upload ();
  g_autofree char *all =
      g_strconcat (upload,
                   HELLO_5 BLOCK SLC DRAM_DOWN LIST_188 DRAM_RESULT DA2_4 REPORT USB_HIGH,
                   NULL);
  g_auto (Session) self = { 0 };

  self.link = ub_link_replay_new_from_text (all, &self.error);
  test_setup_init (&self.setup, 0x6580, 2019, 4, test_emi_new (17, 176, 1, 0));
  g_ptr_array_add (self.setup.emis, test_emi_new (21, 188, 1, 9));
  g_ptr_array_add (self.setup.emis, test_emi_new (21, 188, 1, 0));
  self.da = ub_da_new (UB_PROTOCOL_LEGACY, self.link, &self.error);
  self.started =
      ub_da_start (self.da, &self.setup.setup, &self.report, NULL, NULL, NULL, &self.error);
  check_all_said (&self);
}

/* settings without an id are for any board, but only when none is for this one */
static void
test_dram_any_board (void)
{
  UbEmi *emi = test_emi_new (21, 188, 1, 9);

  g_array_index (emi->index, UbEmiRecord, 0).id_length = 0;
  check_start (0x6580,
               2019,
               emi,
               HELLO_5 BLOCK SLC DRAM_DOWN LIST_188 DRAM_RESULT DA2_4 REPORT USB_HIGH);
}

/* settings whose ids cannot be found have none in the index, and are not for any board */
static void
test_dram_unknown_ids (void)
{
  UbEmi *emi = test_emi_new (21, 188, 1, 9);

  g_array_index (emi->index, UbEmiRecord, 0).id_length = 0;
  emi->ids_unknown = TRUE;
  check_start_fails (0x6580,
                     emi,
                     HELLO_5 BLOCK SLC DRAM_DOWN,
                     UB_ERROR_NO_EMI,
                     "(version 21, of a kind whose ids are not known)");
}

/* NAND ids: one byte in each word */
static void
test_dram_nand (void)
{
  UbEmi              *emi = test_emi_new (21, 188, 1, 9);
  static const guint8 id[] = { 0xad, 0xbc, 0x90, 0x55, 0x54 };

  memcpy (g_array_index (emi->index, UbEmiRecord, 0).id, id, sizeof id);
  g_array_index (emi->index, UbEmiRecord, 0).id_length = sizeof id;
  check_start (0x6580,
               2019,
               emi,
               HELLO_5 BLOCK SLC
               "D>H 00000bc3\nD>H 00000c4d\nD>H 00000000000000000000000000000000\nD>H 00000000\n"
               "D>H 000500ad00bc009000550054\n" LIST_188 DRAM_RESULT DA2_4 REPORT USB_HIGH);
}

static void
test_dram_no_emi (void)
{
  check_start_fails (0x6580,
                     test_emi_new (21, 188, 2, 9),
                     HELLO_5 BLOCK SLC DRAM_DOWN,
                     UB_ERROR_NO_EMI,
                     "has the id 1101004f5241434c45, the settings are for preloader_test.bin "
                     "(version 21): 1101004f5241434ce0 1101004f5241434ce1");
  check_start_fails (0x6580,
                     test_emi_new (17, 176, 1, 0),
                     HELLO_5 BLOCK SLC DRAM_DOWN,
                     UB_ERROR_NO_EMI,
                     "not for this agent");
  check_start_fails (0x6580,
                     NULL,
                     HELLO_5 BLOCK SLC DRAM_DOWN,
                     UB_ERROR_NO_EMI,
                     "no memory settings");
}

/* the record size comes all the same, and then it is over */
static void
test_dram_version_refused (void)
{
  check_start_fails (0x6580,
                     test_emi_new (21, 188, 1, 0),
                     HELLO_5 BLOCK SLC DRAM_DOWN "H>D e800000015\nD>H a5000000bc\n",
                     UB_ERROR_NO_EMI,
                     "answer 0xa5");
  check_start_fails (0x6580,
                     test_emi_new (21, 188, 1, 0),
                     HELLO_5 BLOCK SLC DRAM_DOWN "H>D e800000015\nD>H 5a000000b0\n",
                     UB_ERROR_NO_EMI,
                     "it wants 176");
}

static void
test_dram_fails (void)
{
  check_start_fails (0x6580,
                     test_emi_new (21, 188, 1, 0),
                     HELLO_5 BLOCK SLC DRAM_DOWN LIST_188 "H>D 5a80000001\nD>H 00000bba\n",
                     UB_ERROR_DRAM,
                     "3002 (DA_SETUP_DRAM_FAIL)");
  check_start_fails (0x6580,
                     test_emi_new (21, 188, 1, 0),
                     HELLO_5 BLOCK SLC DRAM_DOWN LIST_188 "H>D 5a80000001\n",
                     UB_ERROR_DRAM,
                     "fell silent");
}

static void
test_dram_bad_sum (void)
{
  check_start_fails (0x6580,
                     test_emi_new (21, 188, 1, 0),
                     HELLO_5 BLOCK SLC DRAM_DOWN
                     "H>D e800000015\nD>H 5a000000bc\nH>D 5a000000bc\nH>D " RECORD_188
                     "\nD>H 44ab\nH>D a5\n",
                     UB_ERROR_CHECKSUM,
                     "0x44ab");
}

static void
test_dram_damaged_settings (void)
{
  UbEmi *emi = test_emi_new (21, 188, 2, 0);

  g_array_index (emi->index, UbEmiRecord, 0).offset = 200;
  check_start_fails (0x6580, emi, HELLO_5 BLOCK SLC DRAM_DOWN, UB_ERROR_NO_EMI, "damaged");
}

/* --- start: DA2 and report --- */

/* a rest of nothing has its answer too */
static void
test_da2_whole_packets (void)
{
  g_autoptr (GString) zeros = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_auto (Session) self = { 0 };

  for (guint i = 0; i < 0x1000; i++)
    g_string_append (zeros, "00");
  text = g_strdup_printf (HELLO_5 BLOCK DRAM_UP
                          "H>D 800000000000200000001000\nD>H 5a\nH>D %s\nD>H 5a\nH>D %s\nD>H "
                          "5a\nD>H 5a\nD>H 5a\nH>D 5a\n" REPORT USB_HIGH,
                          zeros->str,
                          zeros->str);
  begin (&self, 0x0321, 2019, 0x2000, NULL, text);
  check_all_said (&self);
}

/* a signature the agent does not like: it halts without a word */
static void
test_da2_silence (void)
{
  check_start_fails (0x0321,
                     NULL,
                     HELLO_5 BLOCK DRAM_UP
                     "H>D 800000000000000400001000\nD>H 5a\nH>D 00000000\nD>H 5a\n",
                     UB_ERROR_AGENT_SILENT,
                     "second part");
}

static void
test_report_preprocess (void)
{
  check_start (0x0321,
               2019,
               NULL,
               HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_8 EMMC SDMMC CONFIG_REPORT
               "D>H a5\n" TAIL                                   USB_HIGH);
}

static void
test_report_no_storage (void)
{
#define NO_EMMC                                                                                    \
  "D>H 00000c4d000000000000000000000000000000000000000000000000\n"                                 \
  "D>H 0000000000000000000000000000000000000000000000000000000000000000\n"                         \
  "D>H 0000000000000000\nD>H 00000000000000000000000000000000\nD>H 0000000000000000\n"
  check_start_fails (0x0321,
                     NULL,
                     HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_8 NO_EMMC SDMMC CONFIG_REPORT TAIL,
                     UB_ERROR_WRONG_STORAGE,
                     "no storage");
}

static void
test_report_hostile (void)
{
  check_start_fails (0x0321,
                     NULL,
                     HELLO_5 BLOCK DRAM_UP DA2_4 NOR "D>H 0000000000ffff0000000000000000ffff\n",
                     UB_ERROR_PROTOCOL,
                     "NAND report");
  check_start_fails (0x0321,
                     NULL,
                     HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_8 EMMC SDMMC CONFIG_REPORT
                     "D>H 5a\nD>H 00000c0b00000409\nD>H cf\n",
                     UB_ERROR_REFUSED,
                     "0xcf");
  check_start_fails (0x0321,
                     NULL,
                     HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_8 EMMC,
                     UB_ERROR_AGENT_SILENT,
                     "report");
}

/* an agent that does not know 72 ignores it */
static void
test_usb_status_unknown (void)
{
  check_start (0x0321, 2019, NULL, HELLO_5 BLOCK DRAM_UP DA2_4 REPORT "H>D 72\n");
}

/* --- a recorded conversation over a slow cable, and what a reopened one is --- */

typedef struct
{
  GObject parent_instance;

  UbLink       *inner;
  const char   *speed;
  guint         reopened;
  gboolean      lost;      /* the phone does not come back */
  GCancellable *impatient; /* (nullable) (unowned): cancelled as soon as the phone is silent */
  guint         silences;
} SlowLink;

typedef struct
{
  GObjectClass parent_class;
} SlowLinkClass;

static GType slow_link_get_type (void);

static gboolean
slow_link_send (UbLink            *link,
                const UbLinkPiece *pieces,
                guint              n_pieces,
                guint              timeout_ms,
                GError           **error)
{
  return ub_link_send_pieces (((SlowLink *) link)->inner, pieces, n_pieces, timeout_ms, error);
}

static gssize
slow_link_receive_some (UbLink *link, guint8 *data, gsize size, guint timeout_ms, GError **error)
{
  SlowLink *self = (SlowLink *) link;
  gssize    n = ub_link_receive_some (self->inner, data, size, timeout_ms, error);

  self->silences += n < 0;
  if (n < 0 && self->impatient != NULL)
    g_cancellable_cancel (self->impatient);
  return n;
}

static gboolean
slow_link_reopen (UbLink *link, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  SlowLink *self = (SlowLink *) link;

  self->reopened++;
  if (!self->lost)
    return TRUE;
  g_set_error_literal (error, UB_ERROR, UB_ERROR_LINK_LOST, "gone");
  return FALSE;
}

static gint64
slow_link_now (UbLink *link)
{
  return ub_link_now (((SlowLink *) link)->inner);
}

static const char *
slow_link_get_speed (UbLink *link)
{
  return ((SlowLink *) link)->speed;
}

static void
slow_link_iface_init (UbLinkInterface *iface)
{
  iface->send = slow_link_send;
  iface->receive_some = slow_link_receive_some;
  iface->reopen = slow_link_reopen;
  iface->now = slow_link_now;
  iface->get_speed = slow_link_get_speed;
}

G_DEFINE_TYPE_WITH_CODE (SlowLink,
                         slow_link,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (UB_TYPE_LINK, slow_link_iface_init))

static void
slow_link_finalize (GObject *object)
{
  g_object_unref (((SlowLink *) object)->inner);
  G_OBJECT_CLASS (slow_link_parent_class)->finalize (object);
}

static void
slow_link_class_init (SlowLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slow_link_finalize;
}

static void
slow_link_init (SlowLink *self)
{
}

/* an MT6735 up to its report, then @text */
static void
begin_slow (Session *self, const char *speed, gboolean lost, const char *text)
{
  g_autofree char *all = g_strconcat (HELLO_5 BLOCK DRAM_UP DA2_4 REPORT, text, NULL);
  SlowLink        *link = g_object_new (slow_link_get_type (), NULL);

  *self = (Session){ 0 };
  link->inner = ub_link_replay_new_from_text (all, &self->error);
  link->speed = speed;
  link->lost = lost;
  g_assert_no_error (self->error);
  self->link = UB_LINK (link);
  test_setup_init (&self->setup, 0x0321, 2019, 4, NULL);
  self->da = ub_da_new (UB_PROTOCOL_LEGACY, self->link, &self->error);
  self->started = ub_da_legacy_start_after_jump (UB_DA_LEGACY (self->da),
                                                 &self->setup.setup,
                                                 &self->report,
                                                 NULL,
                                                 NULL,
                                                 NULL,
                                                 &self->error);
}

static void
check_speed (const char *speed, const char *text, gboolean high, guint reopened)
{
  g_auto (Session) self = { 0 };

  begin_slow (&self, speed, FALSE, text);
  g_assert_no_error (self.error);
  g_assert_true (self.started);
  g_assert_cmpint (self.report.high_speed, ==, high);
  g_assert_cmpuint (((SlowLink *) self.link)->reopened, ==, reopened);
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (((SlowLink *) self.link)->inner)));
}

static void
test_usb_speed (void)
{
  g_auto (Session) lost = { 0 };

  check_speed ("full", "H>D 72\nD>H 5a00\nH>D 7001\nD>H 5a\nH>D 72\nD>H 5a01\n", TRUE, 1);
  /* still slow: so be it */
  check_speed ("full", "H>D 72\nD>H 5a00\nH>D 7001\nD>H 5a\nH>D 72\nD>H 5a00\n", FALSE, 1);
  /* refused, or not known: so be it */
  check_speed ("full", "H>D 72\nD>H 5a00\nH>D 7001\nD>H a5\n", FALSE, 0);
  check_speed ("full", "H>D 72\nD>H 5a00\nH>D 7001\n", FALSE, 0);
  /* the cable knows better */
  check_speed ("high", "H>D 72\nD>H 5a00\n", FALSE, 0);
  check_speed ("high", "H>D 72\n", TRUE, 0);

  begin_slow (&lost, "full", TRUE, "H>D 72\nD>H 5a00\nH>D 7001\nD>H 5a\n");
  g_assert_false (lost.started);
  g_assert_error (lost.error, UB_ERROR, UB_ERROR_LINK_LOST);
}

/* an agent that takes its time with something after @text, and somebody who does not */
static void
check_impatience (guint hw_code, UbEmi *emi, const char *text)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Session) self = { 0 };
  SlowLink *link = g_object_new (slow_link_get_type (), NULL);

  self.link = UB_LINK (link);
  link->inner = ub_link_replay_new_from_text (text, &self.error);
  link->speed = "high";
  link->impatient = cancellable;
  g_assert_no_error (self.error);
  test_setup_init (&self.setup, hw_code, 2019, 4, emi);
  self.da = ub_da_new (UB_PROTOCOL_LEGACY, self.link, &self.error);
  self.started = ub_da_legacy_start_after_jump (UB_DA_LEGACY (self.da),
                                                &self.setup.setup,
                                                &self.report,
                                                NULL,
                                                NULL,
                                                cancellable,
                                                &self.error);
  g_assert_false (self.started);
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (link->silences, ==, 1);
}

static void
test_cancel_in_silence (void)
{
  check_impatience (0x0321, NULL, "D>H 00\n");
  check_impatience (0x6580,
                    test_emi_new (21, 188, 1, 0),
                    HELLO_5 BLOCK SLC DRAM_DOWN LIST_188 "H>D 5a80000001\n");
  check_impatience (0x0321, NULL, HELLO_5 BLOCK DRAM_UP DA2_4);
  check_impatience (0x0321, NULL, HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_8 EMMC SDMMC CONFIG_REPORT);
  check_impatience (0x0321,
                    NULL,
                    HELLO_5 BLOCK DRAM_UP DA2_4 NOR NAND_8 EMMC SDMMC CONFIG_REPORT "D>H a5\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/legacy/start/flows", test_flows);
  g_test_add_func ("/da/legacy/start/flow-6592", test_flow_6592);
  g_test_add_func ("/da/legacy/start/flow-by-content", test_flow_by_content);
  g_test_add_func ("/da/legacy/start/v3", test_v3_unsupported);
  g_test_add_func ("/da/legacy/hello/strays", test_hello_strays);
  g_test_add_func ("/da/legacy/hello/silence", test_hello_silence);
  g_test_add_func ("/da/legacy/hello/hostile", test_hello_hostile);
  g_test_add_func ("/da/legacy/hello/unknown-chip", test_hello_unknown_chip);
  g_test_add_func ("/da/legacy/start/cancel-in-silence", test_cancel_in_silence);
  g_test_add_func ("/da/legacy/dram/list", test_dram_list);
  g_test_add_func ("/da/legacy/dram/old-build", test_dram_old_build);
  g_test_add_func ("/da/legacy/dram/single", test_dram_single);
  g_test_add_func ("/da/legacy/dram/6592", test_dram_6592);
  g_test_add_func ("/da/legacy/dram/too-many", test_dram_too_many);
  g_test_add_func ("/da/legacy/dram/choice", test_dram_choice);
  g_test_add_func ("/da/legacy/dram/any-board", test_dram_any_board);
  g_test_add_func ("/da/legacy/dram/unknown-ids", test_dram_unknown_ids);
  g_test_add_func ("/da/legacy/dram/nand", test_dram_nand);
  g_test_add_func ("/da/legacy/dram/no-emi", test_dram_no_emi);
  g_test_add_func ("/da/legacy/dram/version-refused", test_dram_version_refused);
  g_test_add_func ("/da/legacy/dram/fails", test_dram_fails);
  g_test_add_func ("/da/legacy/dram/bad-sum", test_dram_bad_sum);
  g_test_add_func ("/da/legacy/dram/damaged-settings", test_dram_damaged_settings);
  g_test_add_func ("/da/legacy/da2/whole-packets", test_da2_whole_packets);
  g_test_add_func ("/da/legacy/da2/silence", test_da2_silence);
  g_test_add_func ("/da/legacy/report/preprocess", test_report_preprocess);
  g_test_add_func ("/da/legacy/report/no-storage", test_report_no_storage);
  g_test_add_func ("/da/legacy/report/hostile", test_report_hostile);
  g_test_add_func ("/da/legacy/usb/status-unknown", test_usb_status_unknown);
  g_test_add_func ("/da/legacy/usb/speed", test_usb_speed);
  return g_test_run ();
}
