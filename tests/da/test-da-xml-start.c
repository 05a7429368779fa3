/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* XML agents: from JUMP_DA to the report, and what is asked of the phone besides. Made up by us from
 * shared/protocol/xflash-and-xml.md §4.6–4.10 */

#include "tests/da/test-xml.h"

/* --- pieces of a start --- */

#define RUNTIME                                                                                    \
  "<checksum_level>USB</checksum_level><battery_exist>AUTO-DETECT</battery_exist>"                 \
  "<da_log_level>INFO</da_log_level><log_channel>UART</log_channel>"                               \
  "<system_os>WINDOWS</system_os>"
#define H_RUNTIME                                                                                  \
  H ("<?xml version=\"1.0\" encoding=\"utf-8\"?><da><version>1.1</version>"                        \
     "<command>CMD:SET-RUNTIME-PARAMETER</command><arg>" RUNTIME "</arg>"                          \
     "<adv><initialize_dram>YES</initialize_dram></adv></da>")
#define H_OLD_RUNTIME H_COMMAND ("SET-RUNTIME-PARAMETER", RUNTIME)
#define CAPABILITIES                                                                               \
  H_COMMAND ("HOST-SUPPORTED-COMMANDS",                                                            \
             "<host_capability>CMD:DOWNLOAD-FILE^1@CMD:FILE-SYS-OPERATION^1@"                      \
             "CMD:PROGRESS-REPORT^1@CMD:UPLOAD-FILE^1@</host_capability>")
#define HOST_INFO H_COMMAND ("SET-HOST-INFO", "<info>Unbrick</info>") D ("OK") END_OK START
#define INIT H_PLAIN_COMMAND ("NOTIFY-INIT-HW") D ("OK") PROGRESS END_OK START
#define BOOT                                                                                       \
  H_COMMAND ("BOOT-TO",                                                                            \
             "<at_address>0x40000000</at_address><jmp_address>0x40000000</jmp_address>"            \
             "<source_file>MEM://0x0:0x1004</source_file>")                                        \
  D ("OK")                                                                                         \
  D_DOWNLOAD ("MEM://0x0:0x1004", "0x1000")                                                        \
  H ("OK")                                                                                         \
  H ("OK@0x1004") D ("OK") H ("OK@0x0") D ("OK") BLOCK ("H>D", 4096) D ("OK") H ("OK@0x0")         \
      D ("OK") BLOCK ("H>D", 4) D ("OK")
#define DA1_BEGIN START H_RUNTIME D ("OK") END_OK START
#define DA1 DA1_BEGIN CAPABILITIES D ("OK") END_OK START HOST_INFO INIT
#define DA2_BEGIN BOOT END_OK START CAPABILITIES UNSUPPORTED START INIT
#define H_SLA                                                                                      \
  H_COMMAND ("GET-SYS-PROPERTY", "<key>DA.SLA</key><target_file>" DOCUMENT_NAME "</target_file>")
#define SLA(size, word)                                                                            \
  H_SLA D ("OK")                                                                                   \
      DOCUMENT (size, "<sys_prop version=\"1.0\"><item key=\"DA.SLA\">" word "</item></sys_prop>") \
          END_OK
#define SLA_DISABLED SLA ("0x46", "DISABLED") START
#define SLA_ENABLED SLA ("0x45", "ENABLED")
#define H_AGENT H_COMMAND ("GET-DA-INFO", "<target_file>" DOCUMENT_NAME "</target_file>")
#define NO_AGENT_INFO H_AGENT UNSUPPORTED START
#define H_HARDWARE H_COMMAND ("GET-HW-INFO", "<target_file>" DOCUMENT_NAME "</target_file>")
#define ALL_BUT_HARDWARE DA1 DA2_BEGIN SLA_DISABLED NO_AGENT_INFO H_HARDWARE D ("OK")
#define EMMC                                                                                       \
  "<da_hw_info><version>1.2</version><ram_size>0x100000000</ram_size>"                             \
  "<battery_voltage>3810</battery_voltage>"                                                        \
  "<random_id>000102030405060708090a0b0c0d0e0f</random_id><storage>EMMC</storage><emmc>"           \
  "<block_size>0x200</block_size><boot1_size>0x400000</boot1_size>"                                \
  "<boot2_size>0x400000</boot2_size><rpmb_size>0x1000000</rpmb_size>"                              \
  "<user_size>0x1d1ec00000</user_size><gp1_size>0x200000</gp1_size><gp2_size>0</gp2_size>"         \
  "<id>4F0001114C4341523412104501877856</id></emmc><product_id></product_id></da_hw_info>"
#define UFS                                                                                        \
  "<da_hw_info><version>1.2</version><ram_size>0x180000000</ram_size>"                             \
  "<battery_voltage>0</battery_voltage><random_id>zz</random_id><storage>UFS</storage><ufs>"       \
  "<block_size>0x1000</block_size><lua0_size>0x400000</lua0_size><lua1_size>0x400000</lua1_size>"  \
  "<lua2_size>0x1dcb000000</lua2_size><lua3_size>0</lua3_size><id>KM5V8001DM-B622</id>"            \
  "<vid>0x1ce</vid><fwver>0800</fwver></ufs></da_hw_info>"
#define LIFE                                                                                       \
  H_COMMAND ("EMMC-CONTROL",                                                                       \
             "<function>LIFE-CYCLE-STATUS</function>"                                              \
             "<target_file>" DOCUMENT_NAME "</target_file>")

typedef struct
{
  Talk       talk;
  TestSetup  setup;
  UbDaReport report;
  gboolean   ok;
} Start;

static void
start_clear (Start *self)
{
  talk_clear (&self->talk);
  test_setup_clear (&self->setup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Start, start_clear)

static void
start_open (Start *self, const char *conversation)
{
  g_autofree char *upload = test_dup_upload ();
  g_autofree char *messages = test_xml_to_recording (conversation);
  g_autofree char *recording = g_strconcat (upload, messages, NULL);

  *self = (Start){ 0 };
  talk_open_recording (&self->talk, recording);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (self->talk.replay), TRUE);
  test_setup_init (&self->setup, 0x1208, 2024, 0x1104, NULL);
  self->setup.setup.da2_address = 0x40000000;
  self->setup.setup.da2_signature = 0x100;
  self->setup.setup.brom.is_boot_rom = TRUE;
}

static void
start_run (Start *self)
{
  self->ok = ub_da_start (self->talk.da,
                          &self->setup.setup,
                          &self->report,
                          talk_tell,
                          &self->talk,
                          self->talk.cancellable,
                          &self->talk.error);
}

/* a document of which the phone says the right size */
static char *
with_document (const char *before, const char *document, const char *after)
{
  return g_strdup_printf ("%s" D_UPLOAD (DOCUMENT_NAME, "0x10000") H ("OK") D ("OK@0x%x") H ("OK")
                              D ("OK") H ("OK") D ("%s") H ("OK") "%s",
                          before,
                          (guint) strlen (document) + 1,
                          document,
                          after);
}

static void
start_with_hardware (Start *self, const char *document, const char *after)
{
  g_autofree char *conversation = with_document (ALL_BUT_HARDWARE, document, after);

  start_open (self, conversation);
  start_run (self);
}

static void
check_failed (const char *conversation, int code, const char *words)
{
  g_auto (Start) start = { 0 };

  start_open (&start, conversation);
  start_run (&start);
  talk_check_failed (&start.talk, start.ok, code, words);
}

/* --- start --- */

static void
test_emmc (void)
{
  g_auto (Start) start = { 0 };

  start_with_hardware (&start, EMMC, END_OK);
  talk_check (&start.talk, start.ok);
  g_assert_cmpint (start.report.storage, ==, UB_STORAGE_EMMC);
  g_assert_cmpuint (start.report.sector_size, ==, 512);
  g_assert_cmpuint (start.report.user_size, ==, 0x1d1ec00000);
  g_assert_cmpuint (start.report.gp_size[0], ==, 0x200000);
  g_assert_cmpuint (start.report.ram_size, ==, 0x100000000);
  g_assert_cmpmem (start.report.cid, 16, test_cid, 16);
  g_assert_true (start.report.cid_is_unique);
  g_assert_cmpuint (start.report.random_id[15], ==, 15);
  g_assert_cmpstr (start.report.agent, ==, "");
  g_assert_cmpuint (start.talk.told, ==, strlen (TEST_DA1) + 0x1104);
  g_assert_cmpuint (ub_da_get_capacity (start.talk.da, UB_REGION_EMMC_USER), ==, 0x1d1ec00000);
}

static void
test_ufs (void)
{
  static const guint8 nothing[16] = { 0 };
  g_auto (Start) start = { 0 };

  start_with_hardware (&start, UFS, END_OK);
  talk_check (&start.talk, start.ok);
  g_assert_cmpint (start.report.storage, ==, UB_STORAGE_UFS);
  g_assert_cmpuint (start.report.sector_size, ==, 4096);
  g_assert_cmpuint (ub_da_get_capacity (start.talk.da, UB_REGION_UFS_LU0), ==, 0x400000);
  g_assert_cmpuint (ub_da_get_capacity (start.talk.da, UB_REGION_UFS_LU2), ==, 0x1dcb000000);
  g_assert_cmpuint (ub_da_get_capacity (start.talk.da, UB_REGION_EMMC_USER), ==, 0);
  g_assert_cmpmem (start.report.memory_id, 15, "KM5V8001DM-B622", 15);
  g_assert_true (memcmp (start.report.cid, nothing, 16) != 0);
  g_assert_false (start.report.cid_is_unique);
  g_assert_cmpmem (start.report.random_id, 16, nothing, 16);
}

/* an agent that knows only the old set-up */
static void
test_old_setup (void)
{
  g_auto (Start) start = { 0 };
  g_autofree char *conversation =
      with_document (START H_RUNTIME D ("OK") END ("ERR", "Required XML node path not found.")
                         START H_OLD_RUNTIME D ("OK") END_OK START CAPABILITIES D ("OK")
                             END_OK START HOST_INFO INIT DA2_BEGIN H_SLA UNSUPPORTED START
                                 NO_AGENT_INFO H_HARDWARE D ("OK"),
                     EMMC,
                     END_OK);

  start_open (&start, conversation);
  start_run (&start);
  talk_check (&start.talk, start.ok);
}

static void
test_silent (void)
{
  check_failed ("", UB_ERROR_AGENT_SILENT, "agent: ");
  check_failed ("D>H =efeeeefe0100\n", UB_ERROR_AGENT_SILENT, "agent: ");
  check_failed (DA1 BOOT END_OK, UB_ERROR_AGENT_SILENT, "second part: ");
}

/* another dialect, or none */
static void
test_other_dialect (void)
{
  check_failed ("D>H =c00000000000000000000000\n", UB_ERROR_PROTOCOL, "agent: ");
  check_failed (D ("OK"), UB_ERROR_PROTOCOL, "agent: ");
  check_failed (D_END ("OK", ""), UB_ERROR_PROTOCOL, "CMD:END");
}

/* memory settings are DA1's own; with those that do not fit it hangs, or says so */
static void
test_memory (void)
{
  check_failed (DA1_BEGIN CAPABILITIES UNSUPPORTED START HOST_INFO H_PLAIN_COMMAND (
                    "NOTIFY-INIT-HW") D ("OK")
                    D_REQUEST ("PROGRESS-REPORT", "<message>init-hw</message>") H ("OK"),
                UB_ERROR_DRAM,
                "hardware: ");
  check_failed (DA1_BEGIN CAPABILITIES UNSUPPORTED START HOST_INFO H_PLAIN_COMMAND (
                    "NOTIFY-INIT-HW") D ("OK") END ("ERR", "DRAM initialize failed."),
                UB_ERROR_DRAM,
                "DRAM initialize failed.");
}

/* the agent trusts its own second part only, without its signature */
static void
test_wrong_second (void)
{
  g_auto (Start) start = { 0 };

  check_failed (DA1 BOOT END ("ERR", "DA Hash mismatch. Check these: \\r\\n1. EMI"),
                UB_ERROR_BAD_AGENT,
                "DA Hash mismatch. Check these: 1. EMI");
  start_open (&start, "");
  start.setup.setup.da2_signature = 0x1104;
  start_run (&start);
  g_assert_false (start.ok);
  g_assert_error (start.talk.error, UB_ERROR, UB_ERROR_BAD_AGENT);
  g_assert_cmpuint (start.talk.wire->pieces->len, ==, 0);
}

/* SHA-256 of 0x1004 zeros */
static const guint8 digest[] = { 0x1b, 0xf9, 0xe5, 0x88, 0x06, 0x0a, 0x73, 0xe6, 0x74, 0x84, 0x79,
                                 0x71, 0x9b, 0xeb, 0x68, 0x97, 0x5d, 0x29, 0x2f, 0xf1, 0xa0, 0xa3,
                                 0x58, 0xe9, 0xac, 0x84, 0x8b, 0x0d, 0x84, 0x6e, 0x8e, 0xd8 };

/* a first part that knows the second: what it finds wrong then went wrong in the phone's memory */
static void
test_wrong_in_memory (void)
{
  g_auto (Start) start = { 0 };
  g_autofree char *recording =
      test_xml_to_recording (DA1 BOOT END ("ERR", "DA Hash mismatch. Check these"));

  start_open (&start, "");
  talk_clear (&start.talk);
  talk_open_recording (&start.talk, recording);
  ub_link_replay_set_lenient_blocks (UB_LINK_REPLAY (start.talk.replay), TRUE);
  g_bytes_unref (start.setup.setup.da1);
  start.setup.setup.da1 = g_bytes_new_static (digest, sizeof digest);
  start.ok = ub_da_xml_start_after_jump (UB_DA_XML (start.talk.da),
                                         &start.setup.setup,
                                         &start.report,
                                         NULL,
                                         NULL,
                                         NULL,
                                         &start.talk.error);
  talk_check_failed (&start.talk, start.ok, UB_ERROR_DRAM, "DA Hash mismatch");
}

static void
test_cancel (void)
{
  g_auto (Start) start = { 0 };

  start_open (&start, "");
  g_cancellable_cancel (start.talk.cancellable);
  start_run (&start);
  g_assert_false (start.ok);
  g_assert_error (start.talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* somebody who gives up is heard while the agent is silent, too */
static void
test_cancel_silence (void)
{
  g_auto (Start) start = { 0 };

  start_open (&start, "");
  g_cancellable_cancel (start.talk.cancellable);
  g_assert_false (ub_da_xml_start_after_jump (UB_DA_XML (start.talk.da),
                                              &start.setup.setup,
                                              &start.report,
                                              NULL,
                                              NULL,
                                              start.talk.cancellable,
                                              &start.talk.error));
  g_assert_error (start.talk.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (ub_link_now (start.talk.replay), ==, 0);
}

static void
test_no_storage (void)
{
  g_auto (Start) nand = { 0 };
  g_auto (Start) none = { 0 };
  g_auto (Start) other = { 0 };
  g_auto (Start) huge = { 0 };

  start_with_hardware (&nand,
                       "<da_hw_info><storage>NAND</storage><nand><block_size>0x20000</block_size>"
                       "<total_size>0x20000000</total_size></nand></da_hw_info>",
                       END_OK);
  talk_check_failed (&nand.talk, nand.ok, UB_ERROR_UNSUPPORTED, "NAND");
  start_with_hardware (&none, "<da_hw_info><version>1.0</version></da_hw_info>", END_OK);
  talk_check_failed (&none.talk, none.ok, UB_ERROR_WRONG_STORAGE, "no storage");
  start_with_hardware (&other, "<sys_prop version=\"1.0\"></sys_prop>", END_OK);
  talk_check_failed (&other.talk, other.ok, UB_ERROR_PROTOCOL, "not about its hardware");
  start_with_hardware (&huge,
                       "<da_hw_info><storage>EMMC</storage><emmc>"
                       "<user_size>0xfffffffffffffe00</user_size></emmc></da_hw_info>",
                       END_OK);
  talk_check_failed (&huge.talk, huge.ok, UB_ERROR_PROTOCOL, "user_size");
}

/* --- login --- */

static void
test_login_without_key (void)
{
  check_failed (DA1 DA2_BEGIN SLA_ENABLED, UB_ERROR_NEEDS_AUTH, "maker's login");
}

static UbKey *
open_key (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", "keys", "pkcs1.pem", NULL);
  g_autoptr (GError) error = NULL;
  UbKey *key = ub_key_open (path, &error);

  g_assert_no_error (error);
  return key;
}

#define FW_INFO                                                                                    \
  H_COMMAND ("SECURITY-GET-DEV-FW-INFO", "<target_file>" DOCUMENT_NAME "</target_file>") D ("OK")
#define CHALLENGE                                                                                  \
  "<sla version=\"1.0\"><rnd>00112233445566778899aabbccddeeff</rnd>"                               \
  "<hrid>00000000000000000000000000000000</hrid><socid>00</socid></sla>"

/* the question is answered; every answer is another one, so what it looks like is for test-da-phone.c */
static void
test_login_refused (void)
{
  g_auto (Start) start = { 0 };
  g_autoptr (UbKey) key = open_key ();
  g_autofree char *conversation =
      with_document (DA1 DA2_BEGIN SLA_ENABLED START FW_INFO,
                     CHALLENGE,
                     END_OK START H_COMMAND ("SECURITY-SET-FLASH-POLICY",
                                             "<source_file>MEM://0x0:0x100</source_file>") D ("OK")
                         D_DOWNLOAD ("MEM://0x0:0x100", "0x200000") H ("OK") H ("OK@0x100")
                             D ("ERR") END ("ERR", "Server is not authenticated. Locked."));

  start_open (&start, conversation);
  start.setup.setup.key = key;
  start_run (&start);
  talk_check_failed (&start.talk, start.ok, UB_ERROR_NEEDS_AUTH, "Server is not authenticated");
}

static void
test_login_without_challenge (void)
{
  g_auto (Start) start = { 0 };
  g_autoptr (UbKey) key = open_key ();
  g_autofree char *conversation =
      with_document (DA1 DA2_BEGIN SLA_ENABLED START FW_INFO, "<sla><rnd>0011</rnd></sla>", END_OK);

  start_open (&start, conversation);
  start.setup.setup.key = key;
  start_run (&start);
  talk_check_failed (&start.talk, start.ok, UB_ERROR_PROTOCOL, "no challenge");
}

/* --- health --- */

static void
check_health (const char *hardware, const char *after, int battery, int pre_eol)
{
  g_auto (Start) start = { 0 };
  g_autofree char *rest = g_strconcat (END_OK, after, NULL);
  UbDaHealth       health;

  start_with_hardware (&start, hardware, rest);
  g_assert_true (start.ok);
  ub_da_read_health (start.talk.da, &health);
  talk_check (&start.talk, TRUE);
  g_assert_cmpint (health.battery_mv, ==, battery);
  g_assert_cmpint (health.pre_eol, ==, pre_eol);
  g_assert_cmpint (health.life_time_a, ==, -1);
}

static void
test_health (void)
{
  check_health (EMMC, START LIFE D ("OK") DOCUMENT ("0x3", "OK") END_OK, 3810, 1);
  check_health (EMMC, START LIFE D ("OK") DOCUMENT ("0x8", "WARNING") END_OK, 3810, 2);
  check_health (EMMC, START LIFE D ("OK") DOCUMENT ("0xa", "EXHAUSTED") END_OK, 3810, 3);
  check_health (EMMC, START LIFE D ("OK") DOCUMENT ("0x5", "WHAT") END_OK, 3810, -1);
  check_health (EMMC, START LIFE UNSUPPORTED, 3810, -1);
  /* a question that is refused may cost the agent: UFS is not asked */
  check_health (UFS, "", -1, -1);
}

/* --- table --- */

static void
test_layout (void)
{
  g_auto (Start) start = { 0 };
  g_autofree char *table = with_document (
      START H_COMMAND ("READ-PARTITION-TABLE", "<target_file>" DOCUMENT_NAME "</target_file>")
          D ("OK"),
      "<partition_table version=\"1.0\"><pt><name>boot_a</name><start>0x8000000</start>"
      "<size>0x4000000</size></pt></partition_table>",
      END_OK);
  g_autofree char *rest = g_strconcat (END_OK, table, NULL);
  g_autoptr (UbLayout) layout = NULL;

  start_with_hardware (&start, UFS, rest);
  g_assert_true (start.ok);
  layout = ub_da_read_layout (start.talk.da, &start.talk.error);
  talk_check (&start.talk, layout != NULL);
  g_assert_cmpint (ub_layout_find (layout, "boot_a")->region, ==, UB_REGION_UFS_LU2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/da/xml-start/emmc", test_emmc);
  g_test_add_func ("/da/xml-start/ufs", test_ufs);
  g_test_add_func ("/da/xml-start/old-setup", test_old_setup);
  g_test_add_func ("/da/xml-start/silent", test_silent);
  g_test_add_func ("/da/xml-start/other-dialect", test_other_dialect);
  g_test_add_func ("/da/xml-start/memory", test_memory);
  g_test_add_func ("/da/xml-start/wrong-second", test_wrong_second);
  g_test_add_func ("/da/xml-start/wrong-in-memory", test_wrong_in_memory);
  g_test_add_func ("/da/xml-start/cancel", test_cancel);
  g_test_add_func ("/da/xml-start/cancel-silence", test_cancel_silence);
  g_test_add_func ("/da/xml-start/no-storage", test_no_storage);
  g_test_add_func ("/da/xml-start/login-without-key", test_login_without_key);
  g_test_add_func ("/da/xml-start/login-refused", test_login_refused);
  g_test_add_func ("/da/xml-start/login-without-challenge", test_login_without_challenge);
  g_test_add_func ("/da/xml-start/health", test_health);
  g_test_add_func ("/da/xml-start/layout", test_layout);
  return g_test_run ();
}
