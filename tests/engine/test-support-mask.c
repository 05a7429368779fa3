/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must not leave this computer, and what must. */
#include "config.h"

#include "engine/ub-support-mask.h"

#include <string.h>

static const char *const      values[] = { "5f0c11223344aabb", "HT3A.77", NULL };
static const UbSupportSecrets secrets = { .home = "/home/anna",
                                          .user = "anna",
                                          .host = "annas-pc.lan",
                                          .values = values };

/* all of it is hidden: nothing of @secret is left in @text */
static const struct
{
  const char *text, *secret;
} hides[] = {
  /* IMEI, in every dress */
  { "352099001761481", "352099001761481" },
  { "IMEI: 352099001761481", "1761481" },
  { "IMEI1=352099001761481,IMEI2=352099001761499", "352099001761499" },
  { "imei is 35-209900-176148-1 on the box", "176148" },
  { "35 209900 176148 1", "176148" },
  { "352099 00 176148 1", "176148" },
  { "35209900 176148 1", "176148" },
  { "35 20 99 00 17 61 48 1", "99 00 17" },
  { "35209900176148", "35209900176148" },     /* without the check digit */
  { "3520990017614812", "3520990017614812" }, /* IMEISV */
  { "35-209900-176148-23", "176148" },        /* IMEISV on a box */
  { "backup_352099001761481.bin", "352099001761481" },
  { "IMEI352099001761481", "352099001761481" },
  { "n=12345678 352099001761481", "352099001761481" },
  { "2016-11-21 352099001761481", "352099001761481" },
  { "12345 35-209900-176148-1", "176148" },
  { "352099001761481\n352099001761499", "352099001761499" },
  { "D>H 00333532303939303031373631343831ff", "3332303939" },
  { "D>H 33003500320030003900390030003000310037003600310034003800310000", "32003000" },
  { "Phone352099001761481.bin", "176148" }, /* glued to letters that hex has, too */
  { "352099001761481backup", "176148" },
  { "file:///nv/IMEI%3A352099001761481%20x", "176148" },
  { "file:///nv%20352099001761481", "176148" },
  { "33 35 32 30 39 39 30 30 31 37 36 31 34 38 31", "37 36 31" },
  { "000352099001761481", "176148" },
  { "352099/00/176148/1", "176148" },
  { "35.209900.176148.1", "176148" },
  { "é352099001761481é", "176148" },
  { "٣٥٢٠٩٩٠٠١٧٦١٤٨١", "١٧٦" },
  /* MEID */
  { "A0000012345678", "A0000012345678" },
  { "meid af0123450abcde.", "af0123450abcde" },
  { "AF-012345-0ABCDE-1", "0ABCDE" },
  { "268435456001234567", "268435456001234567" }, /* in decimal */
  /* serial numbers */
  { "serial=0123456789ABCDEF", "0123456789ABCDEF" },
  { "Serial number: R58M123ABCD", "R58M123ABCD" },
  { "serial number R58M123ABCD was seen", "R58M123ABCD" },
  { "\"serial\" : \"R58M\"", "R58M" },
  { "iSerial: R58M123ABCD", "R58M123ABCD" },
  { "androidboot.serialno=HQ62AY1234", "HQ62AY1234" },
  { "usb 1-2: SerialNumber: MT65xx_001", "MT65xx_001" },
  { "S/N: 77AB12", "77AB12" },
  { "SN 77AB1234", "77AB12" },
  { "serial no. R58M123ABCD", "R58M123ABCD" },
  { "[ro.serialno]: [R58M123ABCD]", "R58M123ABCD" },
  { "E: ID_SERIAL_SHORT=R58M123ABCD", "R58M123ABCD" },
  /* a phone that is mounted is called by it */
  { "/run/user/1000/gvfs/mtp:host=Acme_Z5_R58M123ABCD/Internal", "R58M" },
  { "mtp://Acme_Z5_R58M123ABCD/Internal", "R58M" },
  { "me_id: 0011223344556677aabbccddeeff0011", "aabbccdd" },
  { "ME ID = 00112233 44556677 aabbccdd eeff0011", "aabbccdd" },
  { "\"soc_id\":\"aa11223344556677aabbccddeeff00110011223344556677aabbccddeeff0011\"", "aabbccdd" },
  { "CID: 150100514e36334d420a1b2c3d4e5f60", "0a1b2c3d" },
  { "emmc_cid=150100514e36334d420a1b2c3d4e5f60", "0a1b2c3d" },
  { "barcode: ABC1234567", "ABC1234567" },
  { "the phone 5F0C11223344AABB again", "11223344" }, /* known, in capitals */
  { "H>D 0b5f0c11223344aabb00", "5f0c1122" },
  { "HT3A.77 is known", "HT3A.77" },
  /* MAC addresses */
  { "wlan0 00:1A:2b:3c:4d:5e up", "4d:5e" },
  { "bt 00-1A-2B-3C-4D-5E", "4D-5E" },
  { "001a.2b3c.4d5e", "2b3c" },
  { "wifi_mac=001a2b3c4d5e", "2b3c4d" },
  { "bdaddr: 001a2b3c4d5e", "2b3c4d" },
  { "eui 00:1a:2b:ff:fe:3c:4d:5e", "3c:4d" },
  /* people */
  { "/home/anna/rom/z5/MT6580_Android_scatter.txt", "anna" },
  { "file:///home/anna", "anna" },
  { "/home/berta/rom", "berta" },
  { "/var/home/berta/rom", "berta" },
  { "/run/media/berta/STICK/z5", "berta" },
  { "/media/berta/STICK/z5", "berta" },
  { "/mnt/data/Anna/z5", "Anna" },
  { "/mnt/data/anna_rom/z5", "anna" },
  { "/mnt/old/home/berta/z5", "berta" },
  { "/run/host/home/berta/z5", "berta" },
  { "/run/host/var/home/berta/z5", "berta" },
  { "/export/home/berta/z5", "berta" },
  { "/run/media/berta", "berta" },
  { "smb://bertas-nas/rom/z5", "bertas" },
  { "/run/user/1000/gvfs/smb-share:server=bertas-nas,share=rom/z5", "bertas" },
  { "anna@annas-pc: ~", "annas-pc" },
  { "on annas-pc.lan", "annas" },
  { "/run/user/1000/doc/5f0c12ab/z5/system.img", "doc/5f0c12ab" },
  { "/run/flatpak/doc/5f0c12ab/z5", "5f0c12ab" },
};

/* not a letter of it may change: without this nobody can help */
static const char *const keeps[] = {
  "",
  "\n\n",
  "hw code 0x6580, sub code 0x8a00, version 0xca00 0x0001",
  "0x0000000080000000 0x12345678901234 0x1234567890123456",
  "D>H 0000000100000010",
  "H>D 00000000000012345678",
  "offset 4194304 length 2147483648 of 7818182656 bytes",
  "size: 15931539456",
  "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "md5 d41d8cd98f00b204e9800998ecf8427e",
  "md5 98765432109876543210987654321098 is 32 digits long",
  "S_FT_DA_NO_RESPONSE 4001, S_BROM_DOWNLOAD_DA_FAIL 2004 (0x7d4), 0xC0020004",
  "2026-11-21T14:23:26Z",
  "2026-11-21 14:23:26.123",
  "20261121142326",
  "20261121-142326",
  "copies/mt6580-5f0c/20261121-142326-123456",
  "port 1-2.4, usb 0e8d:2000, 3-1.4.4",
  "0e8d:0003 0e8d:2000 0e8d:2008 1bbb:f00f",
  "14:23:26 14:23:27 14:23:28",
  "\"me_id\" : \"5f0c… (16 bytes)\"",
  "\"cid\" : \"1501… (16 bytes)\"",
  "serial: none",
  "serial link authorisation (SLA) is wanted",
  "the serial port is busy",
  "usb 1-2: New USB device strings: Mfr=1, Product=2, SerialNumber=3",
  "Linux 6.1.0-41-amd64 x86_64",
  "GLib 2.74.6, GTK 4.8.3, libusb 1.0.26",
  "alps-mp-m0.mp1-V8.123_nbtel6580.we.m_P2",
  "MTK_AllInOne_DA_5.2152.bin",
  "0.333333333333333",
  "fraction 0.12345678901234567",
  "preloader_nb6580_weg_m.bin 131072 3ffff",
  "system 0x2d800000 0x60000000 EMMC_USER",
  "aabbccddeeff00112233 is a digest",
  "at0x1234567890123456, build20161121142326z",
  "H>D 0001234567890123",
  "D>H e1xxxxxxab12345678901234ff",
  "/usr/share/unbrick/Annabelle",
  "~/rom/z5",
  "/tmp/home/of/firmware",
};

static void
test_hides (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hides); i++)
    {
      g_autofree char *masked = ub_support_mask_apply (hides[i].text, &secrets);

      g_test_message ("%s → %s", hides[i].text, masked);
      g_assert_null (strstr (masked, hides[i].secret));
    }
}

static void
test_keeps (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (keeps); i++)
    {
      g_autofree char *masked = ub_support_mask_apply (keeps[i], &secrets);

      g_assert_cmpstr (masked, ==, keeps[i]);
    }
}

/* what help needs beside it is still there */
static void
test_beside (void)
{
  static const struct
  {
    const char *text, *masked;
  } cases[] = {
    { "IMEI: 352099001761481, 4001", "IMEI: (hidden), 4001" },
    { "/home/anna/rom/z5", "~/rom/z5" },
    { "/home/berta/rom/z5", "~/rom/z5" },
    { "/run/media/berta/STICK/z5", "/run/media/…/STICK/z5" },
    { "/run/user/1000/doc/5f0c12ab/z5/system.img", "z5/system.img" },
    { "serial=R58M123ABCD mode=2", "serial=(hidden) mode=2" },
    { "2016-11-21 352099001761481", "2016-11-21 (hidden)" },
    { "\"cid\":\"150100514e36334d420a1b2c3d4e5f60\",\"next\":1",
      "\"cid\":\"(hidden)\",\"next\":1" },
    { "wlan0 00:1A:2b:3c:4d:5e up", "wlan0 (hidden) up" },
    { "Phone352099001761481b.bin", "Phone(hidden)b.bin" },
    { "mtp://Acme_Z5_R58M123ABCD/Internal/z5", "mtp://…/Internal/z5" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *masked = ub_support_mask_apply (cases[i].text, &secrets);

      g_assert_cmpstr (masked, ==, cases[i].masked);
    }
}

/* short and common names are words of everybody's; no secrets at all; bytes that are no text */
static void
test_corners (void)
{
  const UbSupportSecrets common = { .home = "/", .user = "root", .host = "localhost" };
  const UbSupportSecrets strange = { .home = "/home/a(b", .user = "a.c", .host = "[x]{2}" };
  g_autofree char       *a = ub_support_mask_apply ("root of localhost: / is full", &common);
  g_autofree char       *b = ub_support_mask_apply ("abc /home/a(b/x a.c [x]{2}", &strange);
  g_autofree char       *c = ub_support_mask_apply ("\xff\xfe IMEI 352099001761481 \xc3", NULL);
  g_autofree char       *d = ub_support_mask_apply ("352099001761481", NULL);

  g_assert_cmpstr (a, ==, "root of localhost: / is full");
  g_assert_cmpstr (b, ==, "abc ~/x (hidden) (hidden)");
  g_assert_true (g_utf8_validate (c, -1, NULL));
  g_assert_null (strstr (c, "3520"));
  g_assert_cmpstr (d, ==, "(hidden)");
}

/* names with letters of their own, as they are and in the address of a file */
static void
test_letters (void)
{
  const UbSupportSecrets jorg = { .home = "/data/jörg x", .user = "jörg", .host = "böse" };
  g_autofree char       *a = ub_support_mask_apply ("file:///data/j%C3%B6rg%20x/rom", &jorg);
  g_autofree char       *b = ub_support_mask_apply ("/mnt/JÖRG/x j%c3%b6rg-x", &jorg);
  g_autofree char       *c = ub_support_mask_apply ("/data/jörg x/rom jörgen", &jorg);

  g_assert_cmpstr (a, ==, "file://~/rom");
  g_assert_cmpstr (b, ==, "/mnt/(hidden)/x (hidden)-x");
  g_assert_cmpstr (c, ==, "~/rom jörgen");
}

/* the time grows with the length, not with its square */
static void
test_long (void)
{
  static const char *const pieces[] = {
    "1 ",  "aa:",   "serial:", "/home/", "12-", "0",   "imei ",
    "a0 ", "/mnt/", "/media/", "abcg",   "33 ", "%33", "mtp://"
  };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *masked = NULL;

      while (text->len < 200000)
        g_string_append (text, pieces[i]);
      masked = ub_support_mask_apply (text->str, &secrets);
      g_assert_nonnull (masked);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/support-mask/hides", test_hides);
  g_test_add_func ("/support-mask/keeps", test_keeps);
  g_test_add_func ("/support-mask/beside", test_beside);
  g_test_add_func ("/support-mask/corners", test_corners);
  g_test_add_func ("/support-mask/letters", test_letters);
  g_test_add_func ("/support-mask/long", test_long);
  return g_test_run ();
}
