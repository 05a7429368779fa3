/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text for whoever helps: all of it is there, and nobody is named in it. */
#include "config.h"

#include "engine/ub-support.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-disk.h"
#include "engine/ub-support-report.h"
#include "engine/ub-support-system.h"
#include "phone/ub-practice-phone.h"

static char *
make_text (UbSupport *support, const UbSupportFacts *facts)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return ub_support_dup_text (support, facts);
}

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in:\n%s", part, text);
}

static void
assert_lacks (const char *text, const char *part)
{
  if (strstr (text, part) != NULL)
    g_error ("“%s” is in:\n%s", part, text);
}

static void
test_empty (void)
{
  g_autoptr (UbSupport) support = ub_support_new (NULL, NULL);
  g_autofree char     *folder = g_dir_make_tmp ("unbrick-support-XXXXXX", NULL);
  const UbSupportFacts facts = { .journals = folder };
  g_autofree char     *text = make_text (support, &facts);

  assert_has (text, "Unbrick " PACKAGE_VERSION ", for support, ");
  assert_has (text, "== Computer ==\n");
  assert_has (text, "Kernel: Linux ");
  assert_has (text, "== On the cable ==\nnot watched\n");
  assert_has (text, "== Firmware ==\nnone is open\n");
  assert_has (text, "== Last job ==\nnone\n");
  assert_has (text, "== Unfinished jobs ==\nnone\n");
  assert_has (text, "== Log ==\nempty\n");
  g_rmdir (folder);
}

/* the cable, the firmware and the agent; a name that holds a number of a phone's */
static void
test_phone (void)
{
  const UbPracticePhoneOptions options = { .chip = "MT6580", .enter = UB_ENTER_PRELOADER };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("unbrick-support-XXXXXX", NULL);
  UbPracticePhone *phone = ub_practice_phone_new (&options, &error);
  g_autoptr (UbLog) log = ub_log_new (0);
  g_autoptr (UbSupport) support = ub_support_new (log, "GTK 4.8.3, libusb 1.0.26");
  g_autoptr (UbLinkSource) source = NULL;
  g_autoptr (UbFirmware) firmware = NULL;
  g_autofree char *text = NULL;
  g_autofree char *gone = NULL;
  UbSupportFacts   facts = { .agent = "/home/berta/agents/DA_352099001761481.bin",
                             .journals = folder };

  g_assert_no_error (error);
  g_assert_true (ub_practice_firmware_write (phone, folder, 0, FALSE, &error));
  g_assert_no_error (error);
  firmware = ub_firmware_open (folder, folder, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  facts.firmware = firmware;
  source = ub_practice_source_new (phone, FALSE, 0, G_MAXUINT);
  ub_support_set_source (support, source);
  g_assert_true (ub_link_source_start (source, &error));
  ub_practice_source_plug (UB_PRACTICE_SOURCE (source));
  ub_log_add (log, G_LOG_LEVEL_WARNING, NULL, "serial=R58M123ABCD is odd");
  text = make_text (support, &facts);
  assert_has (text, "GTK 4.8.3, libusb 1.0.26\n");
  assert_has (text, "preloader, access ok");
  assert_has (text, "Platform: MT6580\n");
  assert_has (text, "Agent chosen: DA_(hidden).bin\n");
  assert_has (text, "warning: serial=(hidden) is odd\n");
  assert_lacks (text, "berta");
  assert_lacks (text, "3520");
  assert_lacks (text, g_get_host_name ());
  ub_practice_source_unplug (UB_PRACTICE_SOURCE (source));
  gone = make_text (support, &facts);
  assert_has (gone, "== On the cable ==\nno phone\n");
  ub_support_set_source (support, NULL);
  ub_link_source_stop (source);
  g_clear_object (&source);
  ub_practice_phone_free (phone);
  g_assert_true (ub_disk_remove_tree (folder, NULL));
}

static void
test_report (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) bad = g_string_new (NULL);
  g_autoptr (GString) none = g_string_new (NULL);

  ub_support_report_append (
      text,
      "{\"result\":\"failed\",\"error\":{\"code\":\"no-answer\",\"message\":\"read: 5 "
      "s\"},\"written\":true,"
      "\"phone\":{\"layout\":[{\"name\":\"boot\",\"start\":4096,\"size\":65536}]},\"copy\":null,"
      "\"trace\":\"H>D a0\\nD>H 5f\"}");
  assert_has (text->str, "result: failed\n");
  assert_has (text->str, "error.code: no-answer\n");
  assert_has (text->str, "error.message: read: 5 s\n");
  assert_has (text->str, "written: yes\n");
  assert_has (text->str, "phone.layout: 1\n  name=boot start=0x1000 size=0x10000\n");
  assert_has (text->str, "copy: -\n");
  assert_has (text->str, "trace:\nH>D a0\nD>H 5f\n");
  ub_support_report_append (bad, "[[[[");
  g_assert_cmpstr (bad->str, ==, "cannot be read\n");
  ub_support_report_append (none, NULL);
  g_assert_cmpstr (none->str, ==, "none\n");
}

/* a real one names the advice and the number people search for */
static void
test_advice (void)
{
  g_autoptr (GError) error =
                 g_error_new_literal (UB_ERROR, UB_ERROR_AGENT_SILENT, "no answer for 5 s");
  g_autoptr (UbReport) report = ub_report_new (UB_RESULT_FAILED,
                                               NULL,
                                               NULL,
                                               error,
                                               UB_SESSION_LOADING_AGENT,
                                               0,
                                               0,
                                               0,
                                               NULL,
                                               NULL);
  g_autofree char *json = ub_report_to_json (report);
  g_autofree char *expected =
      g_strdup_printf ("advice: %s", ub_error_to_string (UB_ERROR_AGENT_SILENT));
  g_autoptr (GString) text = g_string_new (NULL);

  ub_support_report_append (text, json);
  assert_has (text->str, expected);
  assert_has (text->str, "SP Flash Tool: ");
  assert_has (text->str, "error.message: no answer for 5 s\n");
  assert_has (text->str, "state: loading-agent\n");
}

static void
put (const char *root, const char *path, const char *text)
{
  g_autofree char *whole = g_strconcat (root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (whole);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (whole, text, -1, NULL));
}

static void
test_system (void)
{
  g_autofree char *root = g_dir_make_tmp ("unbrick-support-XXXXXX", NULL);
  g_autoptr (GString) debian = g_string_new (NULL);
  g_autoptr (GString) flatpak = g_string_new (NULL);
  g_autoptr (GString) odd = g_string_new (NULL);

  put (root, "/etc/os-release", "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  ub_support_system_append (debian, root);
  assert_has (debian->str, "System: Debian GNU/Linux 12 (bookworm)\n");
  assert_has (debian->str, "Kernel: Linux ");
  assert_has (debian->str, "Language: ");
  assert_lacks (debian->str, g_get_host_name ());
  put (root, "/etc/os-release", "PRETTY_NAME=\"GNOME 48 (Flatpak runtime)\"\n");
  put (root, "/run/host/os-release", "PRETTY_NAME='Fedora 42'\n");
  put (root,
       "/.flatpak-info",
       "[Application]\nruntime=runtime/org.gnome.Platform/x86_64/"
       "48\n[Instance]\nflatpak-version=1.15.8\ninstance-path=/home/berta/x\n"
       "[Context]\nshared=ipc;\ndevices=all;\n");
  ub_support_system_append (flatpak, root);
  assert_has (flatpak->str, "Installed as: Flatpak\n");
  assert_has (flatpak->str, "Flatpak runtime: runtime/org.gnome.Platform/x86_64/48\n");
  assert_has (flatpak->str, "Flatpak devices: all;\n");
  assert_has (flatpak->str, "System: Fedora 42\n");
  assert_lacks (flatpak->str, "berta");
  put (root, "/.flatpak-info", "\xff\xfe[[[");
  put (root, "/etc/os-release", "PRETTY_NAME=\"no end");
  ub_support_system_append (odd, root);
  assert_has (odd->str, "Installed as: Flatpak\n");
  g_assert_true (ub_disk_remove_tree (root, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/support/empty", test_empty);
  g_test_add_func ("/support/phone", test_phone);
  g_test_add_func ("/support/report", test_report);
  g_test_add_func ("/support/advice", test_advice);
  g_test_add_func ("/support/system", test_system);
  return g_test_run ();
}
