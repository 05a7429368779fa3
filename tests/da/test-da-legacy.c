/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* conversations made up by us from shared/protocol/brom-and-legacy.md §5, for what no recording
 * shows */

#include "da/ub-da-legacy-private.h"
#include "link/ub-link-replay.h"
#include "tests/da/test-agent.h"

typedef struct
{
  TestSetup  setup;
  UbLink    *link;
  UbDa      *da;
  UbDaReport report;
  GError    *error;
  gboolean   started;
} Session;

static void
session_clear (Session *self)
{
  g_clear_object (&self->da);
  g_clear_object (&self->link);
  g_clear_error (&self->error);
  test_setup_clear (&self->setup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

/* --- pieces of conversations --- */

#define IDS_EMMC "D>H 00000000\nD>H 1101004f5241434c4510123456788701\n"
#define HELLO_AS(nand)                                                                             \
  "D>H c0\nD>H " nand "\nD>H 000500000000000000000000\n" IDS_EMMC "H>D 5a\nD>H 040201\n"
#define HELLO_5 HELLO_AS ("00000bc4")
#define BLOCK "H>D 05010800087007ffff010000050002010200\n"
#define BLOCK_6583 "H>D 05010800087007ffff010000050002000200\n"
#define DRAM_UP "D>H 00000000\n"
#define SLC "H>D 00000001\nH>D 46460000000000000000000000000000ff000000\n"
/* DRAM down: eMMC id as it lies in memory, no NAND */
#define DRAM_DOWN                                                                                  \
  "D>H 00000bc3\nD>H 00000000\nD>H 4f0001114c4341523412104501877856\nD>H 00000bc4\nD>H "           \
  "000500000000000000000000\n"
#define DA2_4 "H>D 800000000000000400001000\nD>H 5a\nH>D 00000000\nD>H 5a\nD>H 5a\nH>D 5a\n"
#define NOR "D>H 00000bc70000ffff0000000000000000000000000000000000000000\n"
#define NAND_8 "D>H 00000bc800ffff0000000000000000000500000000000000000000000000000000000000\n"
#define NAND_4 "D>H 00000bc800ffff00000000000500000000000000000000000000000000000000\n"
#define EMMC                                                                                       \
  "D>H 00000000000000000040000000000000004000000000000000080000\n"                                 \
  "D>H 0000000000000000000000000000000000000000000000000000000000000000\n"                         \
  "D>H 00000001d1f00000\nD>H 4f0001114c4341523412104501877856\nD>H 0000000000000000\n"
#define SDMMC "D>H 00000c4f000000000000000000000000000000000000000000000000\n"
#define CONFIG_REPORT                                                                              \
  "D>H 000000000001000000000000020000000000200000000102030405060708090a0b0c0d0e0f10\n"
#define TAIL "D>H 5a\nD>H 00000c0b00000409\nD>H c1\n"
#define REPORT NOR NAND_8 EMMC SDMMC CONFIG_REPORT TAIL
#define USB_HIGH "H>D 72\nD>H 5a01\n"
#define PLAIN_START HELLO_5 BLOCK DRAM_UP DA2_4 REPORT USB_HIGH

static void
begin (Session *self, guint16 hw_code, guint year, gsize da2_size, UbEmi *emi, const char *text)
{
  g_autofree char *upload = test_dup_upload ();
  g_autofree char *all = g_strconcat (upload, text, NULL);

  *self = (Session){ 0 };
  self->link = ub_link_replay_new_from_text (all, &self->error);
  g_assert_no_error (self->error);
  test_setup_init (&self->setup, hw_code, year, da2_size, emi);
  self->da = ub_da_new (UB_PROTOCOL_LEGACY, self->link, &self->error);
  self->started =
      ub_da_start (self->da, &self->setup.setup, &self->report, NULL, NULL, NULL, &self->error);
}

static void
check_all_said (Session *self)
{
  g_assert_no_error (self->error);
  g_assert_true (self->started);
  g_assert_true (ub_link_replay_is_finished (UB_LINK_REPLAY (self->link)));
}

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

#define FIVE_WORDS "D>H 0000000100000002000000030000000400000005\n"

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

  UbLink     *inner;
  const char *speed;
  guint       reopened;
  gboolean    lost; /* the phone does not come back */
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
  return ub_link_receive_some (((SlowLink *) link)->inner, data, size, timeout_ms, error);
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

/* --- commands: an MT6735 that is up --- */

static void
begin_up (Session *self, const char *text)
{
  g_autofree char *all = g_strconcat (PLAIN_START, text, NULL);

  begin (self, 0x0321, 2019, 4, NULL, all);
  g_assert_no_error (self->error);
}

static gboolean
write_bytes (Session *self, guint8 seed, gsize size, GCancellable *cancellable, gboolean fail)
{
  g_autofree TestSource *source = g_new0 (TestSource, 1);

  source->seed = seed;
  source->fail = fail;
  source->cancel_at_end = cancellable;
  source->end = size;
  return ub_da_write (self->da,
                      UB_REGION_EMMC_BOOT1,
                      0x200,
                      size,
                      test_source_give,
                      source,
                      NULL,
                      NULL,
                      cancellable,
                      &self->error);
}

#define WRITE_512                                                                                  \
  "H>D 620101000000000000020000000000000002000010"                                                 \
  "0000\n"
#define ZEROS_512 "H>D 5a" ZEROS_256 ZEROS_256 "0000\n"
#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16
#define ZEROS_256 ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_64
#define DAMAGED "D>H a5\nD>H 00000bf9\n"

static void
check_write (const char *text, gboolean fail, int code, const char *words)
{
  g_auto (Session) self = { 0 };

  begin_up (&self, text);
  if (code < 0)
    g_assert_true (write_bytes (&self, 0, 512, NULL, fail));
  else
    {
      g_assert_false (write_bytes (&self, 0, 512, NULL, fail));
      g_assert_error (self.error, UB_ERROR, code);
      g_assert_nonnull (strstr (self.error->message, words));
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

static void
test_write (void)
{
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H 69\n", FALSE, -1, NULL);
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 DAMAGED ZEROS_512 DAMAGED ZEROS_512 "D>H 69\n",
               FALSE,
               -1,
               NULL);
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H a5\nD>H 00000c52\n",
               FALSE,
               UB_ERROR_STORAGE_WRITE,
               "3154 (DA_SDMMC_WRITE_FAILED)");
  check_write (WRITE_512 "D>H a5\nD>H 00000c52\n", FALSE, UB_ERROR_STORAGE_WRITE, "3154");
  check_write (WRITE_512 "D>H a5\nD>H 0000177a\n",
               FALSE,
               UB_ERROR_REFUSED,
               "6010 (SECURITY_SF_CODE_DOWNLOAD_FORBIDDEN)");
  check_write (WRITE_512 "D>H 5a\nH>D 96\n", TRUE, UB_ERROR_FILE_READ, "the file is gone");
  check_write (WRITE_512 "D>H 5a\n" ZEROS_512 "D>H 42\n", FALSE, UB_ERROR_PROTOCOL, "0x42");
}

/* eight times, then STOP */
static void
test_write_always_damaged (void)
{
#define TWICE(text) text text
  check_write (WRITE_512 "D>H 5a\n" TWICE (TWICE (TWICE (ZEROS_512 DAMAGED))) "H>D 96\n",
               FALSE,
               UB_ERROR_CHECKSUM,
               "8 times");
}

static void
test_write_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree TestSource *source = g_new0 (TestSource, 1);
  g_autofree char       *bytes = g_strnfill (2 * 0x100000, '0');
  g_autofree char       *text = g_strconcat ("H>D 62010100000000000000000000000000200000"
                                             "00100000\nD>H 5a\nH>D 5a\nH>D ",
                                       bytes,
                                       "\nH>D 0000\nD>H 69\n",
                                       "H>D 96\n",
                                       NULL);
  g_auto (Session) self = { 0 };

  begin_up (&self, text);
  source->cancel_at_end = cancellable;
  source->end = 0x100000;
  g_assert_false (ub_da_write (self.da,
                               UB_REGION_EMMC_BOOT1,
                               0,
                               0x200000,
                               test_source_give,
                               source,
                               NULL,
                               NULL,
                               cancellable,
                               &self.error));
  g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&self.error);
  check_all_said (&self);
}

/* what begins like a sparse image would be expanded by the agent */
static gboolean
give_sparse (gpointer user_data, gsize size, UbDaPacket *packet, GError **error)
{
  static const guint8 sparse[512] = { 0x3a, 0xff, 0x26, 0xed };

  *packet = (UbDaPacket){ sparse, size, ub_checksum_sum16 (sparse, size) };
  return TRUE;
}

static void
test_write_sparse_magic (void)
{
  g_auto (Session) self = { 0 };

  begin_up (&self, WRITE_512 "D>H 5a\nH>D 96\n");
  g_assert_false (ub_da_write (self.da,
                               UB_REGION_EMMC_BOOT1,
                               0x200,
                               512,
                               give_sparse,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               &self.error));
  g_assert_error (self.error, UB_ERROR, UB_ERROR_BAD_IMAGE);
  g_clear_error (&self.error);
  check_all_said (&self);
}

/* MT6592: sixteen bytes of time and network address in front; older numbers */
static void
test_write_6592 (void)
{
  g_auto (Session) self = { 0 };

  begin (&self,
         0x6592,
         2015,
         4,
         NULL,
         HELLO_AS ("00000bc0")
             BLOCK DRAM_UP FIVE_WORDS DA2_4 NOR NAND_4 EMMC SDMMC CONFIG_REPORT TAIL USB_HIGH
         "H>D 62" ZEROS_16 "0101000000000000020000000000000002000010"
         "0000\nD>H 5a\n" ZEROS_512 "D>H a5\nD>H 00000bf4\n" ZEROS_512 "D>H 69\n"
         "H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D d4020000" ZEROS_16
         "0000000000000000000000000000000200\nD>H 5a5a\n"
         "D>H 00000bcd32\nH>D 5a\nD>H 0000000064\nH>D 5a\nD>H 5a5a\n");
  g_assert_no_error (self.error);
  g_assert_true (write_bytes (&self, 0, 512, NULL, FALSE));
  g_assert_true (ub_da_erase (self.da, UB_REGION_EMMC_USER, 0, 512, NULL, NULL, NULL, &self.error));
  check_all_said (&self);
}

/* --- read --- */

#define READ_512                                                                                   \
  "H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D d60c0200000000000002000000000000000200\nD>H 5a\nH>D "       \
  "00100000\n"

static gboolean
refuse (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_set_error_literal (error, UB_ERROR, UB_ERROR_NO_SPACE, "full");
  return FALSE;
}

static void
check_read (const char *text, UbDaSink sink, int code)
{
  g_auto (Session) self = { 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  begin_up (&self, text);
  if (code < 0)
    {
      g_assert_true (ub_da_read (self.da,
                                 UB_REGION_EMMC_USER,
                                 0x200,
                                 512,
                                 sink,
                                 bytes,
                                 NULL,
                                 NULL,
                                 NULL,
                                 &self.error));
      g_assert_cmpuint (bytes->len, ==, 512);
    }
  else
    {
      g_assert_false (ub_da_read (self.da,
                                  UB_REGION_EMMC_USER,
                                  0x200,
                                  512,
                                  sink,
                                  bytes,
                                  NULL,
                                  NULL,
                                  NULL,
                                  &self.error));
      g_assert_error (self.error, UB_ERROR, code);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

#define GOOD "D>H " ZEROS_256 ZEROS_256 "\nD>H 0000\n"
#define BAD "D>H " ZEROS_256 ZEROS_256 "\nD>H 0001\n"

static void
test_read (void)
{
  check_read (READ_512 GOOD "H>D 5a\n", test_sink_take, -1);
  check_read (READ_512 BAD "H>D a5\n" GOOD "H>D 5a\n", test_sink_take, -1);
  check_read (READ_512 BAD TWICE (TWICE ("H>D a5\n" BAD)) "H>D a5\n" BAD "H>D a5\n" BAD
                                                          "H>D a5\n" BAD "H>D 5a\n",
              test_sink_take,
              UB_ERROR_CHECKSUM);
  check_read (READ_512 GOOD "H>D 5a\n", refuse, UB_ERROR_NO_SPACE);
  check_read ("H>D 60\nD>H a5\nD>H 00000c50\n", test_sink_take, UB_ERROR_REFUSED);
}

static void
test_read_ranges (void)
{
  static const struct
  {
    UbRegion region;
    guint64  offset, length;
    int      code;
  } ranges[] = {
    { UB_REGION_EMMC_USER, 0x1d1f00000, 0x200, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_USER, G_MAXUINT64 - 0x1ff, 0x400, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_USER, 0x200, G_MAXUINT64 - 0x1ff, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_USER, 0x100, 0x200, UB_ERROR_INTERNAL },
    { UB_REGION_EMMC_USER, 0x200, 0x100, UB_ERROR_INTERNAL },
    { UB_REGION_EMMC_GP1, 0, 0x200, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_UFS_LU2, 0, 0x200, UB_ERROR_WRONG_STORAGE },
    { UB_REGION_EMMC_BOOT1_BOOT2, 0, 0x200, UB_ERROR_UNSUPPORTED },
    { UB_REGION_EMMC_RPMB, 0, 0x200, UB_ERROR_UNSUPPORTED },
  };
  g_auto (Session) self = { 0 };

  begin_up (&self, "");
  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_assert_false (ub_da_read (self.da,
                                  ranges[i].region,
                                  ranges[i].offset,
                                  ranges[i].length,
                                  test_sink_take,
                                  NULL,
                                  NULL,
                                  NULL,
                                  NULL,
                                  &self.error));
      g_assert_error (self.error, UB_ERROR, ranges[i].code);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

/* --- erase --- */

#define ERASE                                                                                      \
  "H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D d40200000000000000000002000000000000000400\nD>H 5a5a\n"

typedef struct
{
  guint64 last;
  guint   calls;
} Told;

static void
take_progress (guint64 done, guint64 total, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpuint (done, >=, told->last);
  g_assert_cmpuint (done, <=, total);
  told->last = done;
  told->calls++;
}

static void
check_erase (const char *text, int code)
{
  g_auto (Session) self = { 0 };
  Told told = { 0 };

  begin_up (&self, text);
  if (code < 0)
    {
      g_assert_true (ub_da_erase (self.da,
                                  UB_REGION_EMMC_USER,
                                  0x200,
                                  0x400,
                                  take_progress,
                                  &told,
                                  NULL,
                                  &self.error));
      g_assert_cmpuint (told.last, ==, 0x400);
    }
  else
    {
      g_assert_false (ub_da_erase (self.da,
                                   UB_REGION_EMMC_USER,
                                   0x200,
                                   0x400,
                                   take_progress,
                                   &told,
                                   NULL,
                                   &self.error));
      g_assert_error (self.error, UB_ERROR, code);
      g_clear_error (&self.error);
    }
  check_all_said (&self);
}

static void
test_erase (void)
{
  check_erase (ERASE "D>H 0000000064\nH>D 5a\nD>H 5a5a\n", -1);
  check_erase (ERASE
               "D>H 00000bd10a\nH>D 5a\nD>H 00000bd132\nH>D 5a\nD>H 0000000064\nH>D 5a\nD>H 5a5a\n",
               -1);
  /* a block left out; statistics; a long job at the end */
  check_erase (ERASE "D>H 00000c52\nD>H 000000000000020069\nD>H 0000000064\nH>D 5a\n"
                     "D>H a5" ZEROS_16 "000000000000000000000000\nD>H a5\nD>H 5a\n",
               -1);
  check_erase (ERASE "D>H 00000c52\nD>H 000000000000020096\n", UB_ERROR_STORAGE_ERASE);
  check_erase ("H>D 60\nD>H 5a\nH>D 08\nD>H 5a\nH>D "
               "d40200000000000000000002000000000000000400\nD>H a5\nD>H 0000177c\n",
               UB_ERROR_REFUSED);
}

/* --- table --- */

/* name[64] */
#define NAME_BOOT "626f6f74000000000000000000000000" ZEROS_16 ZEROS_16 ZEROS_16

static UbLayout *
read_layout (const char *text, int code)
{
  g_auto (Session) self = { 0 };
  UbLayout *layout;

  begin_up (&self, text);
  layout = ub_da_read_layout (self.da, &self.error);
  if (code >= 0)
    g_assert_error (self.error, UB_ERROR, code);
  else
    check_all_said (&self);
  return layout;
}

static void
test_layout (void)
{
  /* GPT: offset, size, area; PMT: size, area, offset, mask. One entry and an empty one */
  g_autoptr (UbLayout) gpt =
                 read_layout ("H>D a5\nD>H 06\nD>H 000000b0\nH>D 5a\nD>H " NAME_BOOT
                              "0000d8010000000000000001000000000800000000000000\n"
                              "D>H " ZEROS_64
                              "000000000000000000000000000000000000000000000000\nH>D 5a\n",
                              -1);
  g_autoptr (UbLayout) pmt =
          read_layout ("H>D a5\nD>H 5a\nD>H 00000060\nH>D 5a\nD>H " NAME_BOOT
                       "000000010000000001000000000000000000d801000000000000000000000000\nH>D 5a\n",
                       -1);
  const UbLayoutEntry *entry;

  g_assert_cmpint (gpt->kind, ==, UB_LAYOUT_GPT);
  g_assert_cmpuint (gpt->entries->len, ==, 1);
  entry = ub_layout_find (gpt, "boot");
  g_assert_cmphex (entry->start, ==, 0x1d80000);
  g_assert_cmphex (entry->size, ==, 0x1000000);
  g_assert_cmpint (entry->region, ==, UB_REGION_EMMC_USER);
  g_assert_cmpint (pmt->kind, ==, UB_LAYOUT_PMT);
  entry = ub_layout_find (pmt, "boot");
  g_assert_cmphex (entry->start, ==, 0x1d80000);
  g_assert_cmphex (entry->size, ==, 0x1000000);
  g_assert_cmpint (entry->region, ==, UB_REGION_EMMC_BOOT1);
}

static void
test_layout_refused (void)
{
  g_assert_null (read_layout ("H>D a5\nD>H a5\nD>H 0000040d\n", UB_ERROR_REFUSED));
  g_assert_null (read_layout ("H>D a5\nD>H 06\nD>H 00000060\n", UB_ERROR_PROTOCOL));
  g_assert_null (read_layout ("H>D a5\nD>H 5a\nD>H ffffffe0\n", UB_ERROR_PROTOCOL));
  g_assert_null (read_layout ("H>D a5\nD>H 42\n", UB_ERROR_PROTOCOL));
}

/* --- finish --- */

static void
test_finish (void)
{
  g_auto (Session) reboot = { 0 };
  g_auto (Session) power_off = { 0 };
  g_auto (Session) silent = { 0 };

  begin_up (&reboot, "H>D db000000000001\nD>H 5a\n");
  g_assert_true (ub_da_finish (reboot.da, UB_DA_FINISH_REBOOT, &reboot.error));
  check_all_said (&reboot);
  begin_up (&power_off, "H>D d9\nD>H 5a\nH>D 00000000\nD>H 5a\n");
  g_assert_true (ub_da_finish (power_off.da, UB_DA_FINISH_POWER_OFF, &power_off.error));
  check_all_said (&power_off);
  begin_up (&silent, "H>D db000000000001\n");
  g_assert_false (ub_da_finish (silent.da, UB_DA_FINISH_REBOOT, &silent.error));
  g_assert_error (silent.error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
}

/* after a command that ended badly, what is left of it is thrown away first */
static void
test_finish_after_trouble (void)
{
  g_auto (Session) self = { 0 };

  begin_up (&self, WRITE_512 "D>H a5\nD>H 00000c525a5a\nH>D db000000000001\nD>H 5a\n");
  g_assert_false (write_bytes (&self, 0, 512, NULL, FALSE));
  g_clear_error (&self.error);
  g_assert_true (ub_da_finish (self.da, UB_DA_FINISH_REBOOT, &self.error));
  check_all_said (&self);
}

static void
test_new (void)
{
  g_autoptr (UbLink) link = ub_link_replay_new_from_text ("", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ub_da_new (UB_PROTOCOL_XFLASH, link, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_UNSUPPORTED);
}

static void
test_status_numbers (void)
{
  static const struct
  {
    guint32 old, new;
  } pairs[] = { { 3002, 3002 }, { 3007, 3011 }, { 3008, 3012 }, { 3012, 3016 }, { 3021, 3025 },
                { 3032, 3036 }, { 3036, 3040 }, { 3060, 3065 }, { 3078, 3083 }, { 3144, 3149 },
                { 3149, 3154 }, { 1037, 1037 }, { 6010, 6010 } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_assert_cmpuint (ub_da_legacy_messages_normalize_status (pairs[i].old, TRUE),
                        ==,
                        pairs[i].new);
      g_assert_cmpuint (ub_da_legacy_messages_normalize_status (pairs[i].new, FALSE),
                        ==,
                        pairs[i].new);
    }
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
  g_test_add_func ("/da/legacy/dram/list", test_dram_list);
  g_test_add_func ("/da/legacy/dram/old-build", test_dram_old_build);
  g_test_add_func ("/da/legacy/dram/single", test_dram_single);
  g_test_add_func ("/da/legacy/dram/6592", test_dram_6592);
  g_test_add_func ("/da/legacy/dram/too-many", test_dram_too_many);
  g_test_add_func ("/da/legacy/dram/choice", test_dram_choice);
  g_test_add_func ("/da/legacy/dram/any-board", test_dram_any_board);
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
  g_test_add_func ("/da/legacy/write/answers", test_write);
  g_test_add_func ("/da/legacy/write/always-damaged", test_write_always_damaged);
  g_test_add_func ("/da/legacy/write/cancel", test_write_cancel);
  g_test_add_func ("/da/legacy/write/sparse-magic", test_write_sparse_magic);
  g_test_add_func ("/da/legacy/write/6592", test_write_6592);
  g_test_add_func ("/da/legacy/read/answers", test_read);
  g_test_add_func ("/da/legacy/read/ranges", test_read_ranges);
  g_test_add_func ("/da/legacy/erase", test_erase);
  g_test_add_func ("/da/legacy/layout/entries", test_layout);
  g_test_add_func ("/da/legacy/layout/refused", test_layout_refused);
  g_test_add_func ("/da/legacy/finish/words", test_finish);
  g_test_add_func ("/da/legacy/finish/after-trouble", test_finish_after_trouble);
  g_test_add_func ("/da/legacy/new", test_new);
  g_test_add_func ("/da/legacy/status-numbers", test_status_numbers);
  return g_test_run ();
}
