/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-faults.h"

#include <glib/gstdio.h>
#include <string.h>

#define S G_GINT64_CONSTANT (1000000)

typedef struct
{
  const char  *record;
  UbUsbLogKind kind;
  const char  *port;
  const char  *words;
} Record;

/* as Linux 3.2 … 6.12 say them; what comes from a phone in it is hostile */
static const Record records[] = {
  { "3,1234,5678901,-;usb 1-2: device descriptor read/64, error -71\n SUBSYSTEM=usb\n "
    "DEVICE=+usb:1-2\n",
    UB_USB_LOG_DOUBT,
    "1-2",
    "device descriptor read/64, error -71" },
  { "[  123.456789] usb 1-2.4.1: device descriptor read/all, error -110",
    UB_USB_LOG_DOUBT,
    "1-2.4.1",
    "device descriptor read/all, error -110" },
  { "usb 3-1: device descriptor read/8, error -61",
    UB_USB_LOG_DOUBT,
    "3-1",
    "device descriptor read/8, error -61" },
  { "usb 1-2: device not accepting address 5, error -71",
    UB_USB_LOG_DOUBT,
    "1-2",
    "device not accepting address 5, error -71" },
  { "usb 1-2: Device not responding to setup address.",
    UB_USB_LOG_DOUBT,
    "1-2",
    "Device not responding to setup address." },
  { "usb 1-2: hub failed to enable device, error -62",
    UB_USB_LOG_DOUBT,
    "1-2",
    "hub failed to enable device, error -62" },
  { "usb 1-2: unable to read config index 0 descriptor/start: -71",
    UB_USB_LOG_DOUBT,
    "1-2",
    "unable to read config index 0 descriptor/start: -71" },
  { "usb usb1-port2: attempt power cycle", UB_USB_LOG_DOUBT, "1-2", "attempt power cycle" },
  { "usb usb12-port14: unable to enumerate USB device",
    UB_USB_LOG_FAULT,
    "12-14",
    "unable to enumerate USB device" },
  { "usb 1-2-port4: unable to enumerate USB device",
    UB_USB_LOG_FAULT,
    "1-2.4",
    "unable to enumerate USB device" },
  { "usb 1-2.4-port1: Cannot enable. Maybe the USB cable is bad?",
    UB_USB_LOG_DOUBT,
    "1-2.4.1",
    "Cannot enable. Maybe the USB cable is bad?" },
  { "usb usb1-port2: cannot reset (err = -110)",
    UB_USB_LOG_DOUBT,
    "1-2",
    "cannot reset (err = -110)" },
  { "usb usb1-port2: over-current condition", UB_USB_LOG_FAULT, "1-2", "over-current condition" },
  { "usb 2-1-port3: over-current change #17",
    UB_USB_LOG_FAULT,
    "2-1.3",
    "over-current change #17" },
  { "usb 1-2: can't set config #1, error -110",
    UB_USB_LOG_UNUSABLE,
    "1-2",
    "can't set config #1, error -110" },
  { "usb 1-2: can't read configurations, error -61",
    UB_USB_LOG_FAULT,
    "1-2",
    "can't read configurations, error -61" },
  { "usb 1-2: rejected 1 configuration due to insufficient available bus power",
    UB_USB_LOG_UNUSABLE,
    "1-2",
    "rejected 1 configuration due to insufficient available bus power" },
  /* before 3.12 */
  { "hub 1-0:1.0: unable to enumerate USB device on port 2",
    UB_USB_LOG_FAULT,
    "1-2",
    "unable to enumerate USB device on port 2" },
  { "hub 1-2.4:1.0: over-current change on port 3",
    UB_USB_LOG_FAULT,
    "1-2.4.3",
    "over-current change on port 3" },
  { "6,1,2,-;usb 1-2: New USB device found, idVendor=0e8d, idProduct=2000, bcdDevice= 1.00\n",
    UB_USB_LOG_COME,
    "1-2",
    NULL },
  { "usb 1-2: USB disconnect, device number 5", UB_USB_LOG_GONE, "1-2", NULL },
  /* no faults */
  { "usb 1-2: config 1 has an invalid interface number: 2 but max is 1",
    UB_USB_LOG_NOTHING,
    NULL,
    NULL },
  { "usb 1-2: new high-speed USB device number 5 using xhci_hcd", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-2: reset high-speed USB device number 5 using xhci_hcd",
    UB_USB_LOG_NOTHING,
    NULL,
    NULL },
  { "usb 1-2: string descriptor 0 read error: -71", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-2: Product: unable to enumerate USB device", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-2: Manufacturer: x\\x0ausb usb1-port1: unable to enumerate USB device",
    UB_USB_LOG_NOTHING,
    NULL,
    NULL },
  { "usb 1-2: device descriptor read/64", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb usb1: over-current condition", UB_USB_LOG_NOTHING, NULL, NULL },
  { "hub 1-0:1.0: over-current condition", UB_USB_LOG_NOTHING, NULL, NULL },
  { "cdc_acm 1-2:1.1: ttyACM0: USB ACM device", UB_USB_LOG_NOTHING, NULL, NULL },
  { "audit: usb 1-2: device descriptor read/64, error -71", UB_USB_LOG_NOTHING, NULL, NULL },
  { "", UB_USB_LOG_NOTHING, NULL, NULL },
  { "6,1,2,-", UB_USB_LOG_NOTHING, NULL, NULL },
  { "[", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb ", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb usb", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb usb1-port", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-2.", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-2-port: unable to enumerate USB device", UB_USB_LOG_NOTHING, NULL, NULL },
  { "usb 1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1: device descriptor read/64, error -71",
    UB_USB_LOG_NOTHING,
    NULL,
    NULL },
  { "usb usb1-port22222222222222222222222222222222222: unable to enumerate USB device",
    UB_USB_LOG_NOTHING,
    NULL,
    NULL },
  { "hub 1-0:1.0: on port ", UB_USB_LOG_NOTHING, NULL, NULL },
  { "hub  on port 1", UB_USB_LOG_NOTHING, NULL, NULL },
};

static void
test_records (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      UbUsbLogLine     line;
      g_autofree char *words = NULL;

      g_test_message ("%s", records[i].record);
      ub_usb_log_parse (records[i].record, &line);
      g_assert_cmpint (line.kind, ==, records[i].kind);
      if (records[i].port != NULL)
        g_assert_cmpstr (line.port, ==, records[i].port);
      words = line.words != NULL ? g_strndup (line.words, line.length) : NULL;
      if (records[i].words != NULL)
        g_assert_cmpstr (words, ==, records[i].words);
    }
}

/* every beginning of every record, each in memory of its own size */
static void
test_cut_records (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    for (gsize n = 0; n < strlen (records[i].record); n++)
      {
        g_autofree char *part = g_strndup (records[i].record, n);
        UbUsbLogLine     line;

        ub_usb_log_parse (part, &line);
        g_assert_true (line.words == NULL || line.words + line.length <= part + n);
      }
}

/* --- what is told of them --- */

typedef struct
{
  UbUsbFaults *faults;
  GString     *told; /* "+1-2 words\n", "-1-2\n" */
} Bench;

static void
told_cb (const char *port, const char *words, gboolean present, gpointer user_data)
{
  Bench *bench = user_data;

  if (present)
    g_string_append_printf (bench->told, "+%s %s\n", port, words);
  else
    g_string_append_printf (bench->told, "-%s\n", port);
}

static void
set_up (Bench *bench, gconstpointer data)
{
  bench->told = g_string_new (NULL);
  bench->faults = ub_usb_faults_new (told_cb, bench);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  ub_usb_faults_free (bench->faults);
  g_string_free (bench->told, TRUE);
}

static void
say (Bench *bench, const char *record, gint64 now)
{
  UbUsbLogLine line;

  ub_usb_log_parse (record, &line);
  ub_usb_faults_take_line (bench->faults, &line, now);
}

static void
assert_told (Bench *bench, const char *wanted)
{
  g_assert_cmpstr (bench->told->str, ==, wanted);
  g_string_truncate (bench->told, 0);
}

/* Half of all plugs begin with an error. */
static void
test_mended (Bench *bench, gconstpointer data)
{
  say (bench, "usb 1-2: device descriptor read/64, error -71", S);
  say (bench, "usb 1-2: device descriptor read/64, error -71", S + S / 4);
  g_assert_cmpint (ub_usb_faults_tick (bench->faults, S + S / 4), ==, S + 3 * S / 2);
  say (bench, "usb 1-2: New USB device found, idVendor=0e8d", 2 * S);
  g_assert_cmpint (ub_usb_faults_tick (bench->faults, 60 * S), ==, G_MAXINT64);
  assert_told (bench, "");
}

static void
test_given_up (Bench *bench, gconstpointer data)
{
  say (bench, "usb 1-2: device descriptor read/64, error -71", S);
  say (bench, "usb usb1-port2: attempt power cycle", S + 1);
  say (bench, "usb usb1-port2: unable to enumerate USB device", S + 2);
  say (bench, "usb usb1-port2: unable to enumerate USB device", S + 3);
  assert_told (bench, "+1-2 device descriptor read/64, error -71\n");
  say (bench, "usb 1-2: device not accepting address 5, error -71", 20 * S);
  assert_told (bench, "+1-2 device not accepting address 5, error -71\n");
  ub_usb_faults_tick (bench->faults, 49 * S);
  assert_told (bench, "");
  ub_usb_faults_tick (bench->faults, 50 * S);
  assert_told (bench, "-1-2\n");
  ub_usb_faults_tick (bench->faults, 90 * S);
  assert_told (bench, "");
}

/* -110 takes the kernel five seconds a try */
static void
test_slow (Bench *bench, gconstpointer data)
{
  say (bench, "usb 1-2: device descriptor read/64, error -110", S);
  ub_usb_faults_tick (bench->faults, 2 * S);
  assert_told (bench, "");
  g_assert_cmpint (ub_usb_faults_tick (bench->faults, 3 * S), ==, 11 * S);
  assert_told (bench, "+1-2 device descriptor read/64, error -110\n");
  say (bench, "usb 1-2: USB disconnect, device number 7", 4 * S);
  assert_told (bench, "-1-2\n");
}

static void
test_two_ports (Bench *bench, gconstpointer data)
{
  say (bench, "usb usb1-port1: over-current condition", S);
  say (bench, "usb 1-2-port4: unable to enumerate USB device", S);
  assert_told (bench, "+1-1 over-current condition\n+1-2.4 unable to enumerate USB device\n");
  ub_usb_faults_end (bench->faults, "1-2.4");
  ub_usb_faults_end (bench->faults, "1-3");
  assert_told (bench, "-1-2.4\n");
}

/* It has a node, which is not the end of it. */
static void
test_unusable (Bench *bench, gconstpointer data)
{
  say (bench, "usb 1-2: can't set config #1, error -110", S);
  ub_usb_faults_end (bench->faults, "1-2");
  assert_told (bench, "+1-2 can't set config #1, error -110\n");
  say (bench, "usb 1-2: USB disconnect, device number 7", 4 * S);
  assert_told (bench, "-1-2\n");
}

static void
take (Bench *bench, UbUsbPortState state, gint64 now)
{
  ub_usb_faults_take_port (bench->faults, "1-2", state, "powered", now);
  ub_usb_faults_tick (bench->faults, now);
}

static void
test_states (Bench *bench, gconstpointer data)
{
  take (bench, UB_USB_PORT_EMPTY, S);
  take (bench, UB_USB_PORT_TRYING, 2 * S);
  take (bench, UB_USB_PORT_USED, 3 * S);
  assert_told (bench, "");
  take (bench, UB_USB_PORT_TRYING, 10 * S);
  take (bench, UB_USB_PORT_EMPTY, 11 * S); /* between two tries */
  take (bench, UB_USB_PORT_TRYING, 11 * S + S / 2);
  assert_told (bench, "");
  take (bench, UB_USB_PORT_TRYING, 12 * S);
  assert_told (bench, "+1-2 port state \"powered\"\n");
  take (bench, UB_USB_PORT_TRYING, 100 * S);
  assert_told (bench, "");
  take (bench, UB_USB_PORT_EMPTY, 101 * S);
  take (bench, UB_USB_PORT_EMPTY, 102 * S);
  assert_told (bench, "-1-2\n");
  take (bench, UB_USB_PORT_OVER_CURRENT, 110 * S);
  assert_told (bench, "+1-2 over-current condition\n");
  take (bench, UB_USB_PORT_USED, 111 * S);
  assert_told (bench, "-1-2\n");
}

/* A log of a thousand ports costs no more than one of a few. */
static void
test_flood (Bench *bench, gconstpointer data)
{
  for (guint i = 1; i <= 1000; i++)
    {
      g_autofree char *line =
          g_strdup_printf ("usb usb1-port%u: unable to enumerate USB device", i);

      say (bench, line, S);
    }
  ub_usb_faults_tick (bench->faults, 60 * S);
  g_string_truncate (bench->told, 0);
  say (bench, "usb usb1-port1: unable to enumerate USB device", 61 * S);
  assert_told (bench, "+1-1 unable to enumerate USB device\n");
}

/* --- sysfs --- */

static void
write_file (const char *folder, const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (folder, path, NULL);
  g_autofree char *parent = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
port_cb (const char *port, UbUsbPortState state, const char *words, gpointer user_data)
{
  g_string_append_printf (user_data, "%s %d %s\n", port, state, words != NULL ? words : "");
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
look (UbUsbPorts *ports)
{
  g_autoptr (GString) told = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  ub_usb_ports_look (ports, port_cb, told);
  lines = g_strsplit (told->str, "\n", -1);
  qsort (lines, g_strv_length (lines), sizeof *lines, compare_lines);
  return g_strjoinv ("|", lines);
}

static void
test_ports (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ub-ports-XXXXXX", NULL);
  g_autoptr (UbUsbPorts) none = ub_usb_ports_new ("/nowhere");
  g_autoptr (UbUsbPorts) ports = NULL;
  g_autofree char *first = NULL, *second = NULL, *third = NULL, *fourth = NULL;

  g_assert_false (ub_usb_ports_have_states (none));
  write_file (folder, "1-0:1.0/usb1-port1/state", "configured\n");
  write_file (folder, "1-0:1.0/usb1-port2/state", "not attached\n");
  write_file (folder, "1-0:1.0/usb1-port2/over_current_count", "3\n");
  write_file (folder, "1-0:1.0/usb1-port3/connect_type", "hotplug\n"); /* an older kernel */
  write_file (folder, "1-0:1.0/usb1-portx/state", "powered\n");
  write_file (folder, "1-1.4:1.0/1-1.4-port2/state", "default\n");
  write_file (folder, "1-3:1.0/bInterfaceNumber", "00\n");
  ports = ub_usb_ports_new (folder);
  g_assert_true (ub_usb_ports_have_states (ports));
  first = look (ports);
  g_assert_cmpstr (first, ==, "|1-1 2 configured|1-1.4.2 1 default|1-2 0 not attached");
  write_file (folder, "1-0:1.0/usb1-port2/over_current_count", "4\n");
  write_file (folder, "2-0:1.0/usb2-port1/state", "powered\n");
  ub_usb_ports_find (ports);
  second = look (ports);
  g_assert_cmpstr (second,
                   ==,
                   "|1-1 2 configured|1-1.4.2 1 default|1-2 0 not attached|1-2 3 |2-1 1 powered");
  third = look (ports);
  g_assert_cmpstr (third,
                   ==,
                   "|1-1 2 configured|1-1.4.2 1 default|1-2 0 not attached|2-1 1 powered");
  remove_tree (folder);
  fourth = look (ports);
  g_assert_cmpstr (fourth, ==, "");
}

/* what cannot be talked to at a hub that is pulled out is not there for ever */
static void
test_hub_goes (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ub-ports-XXXXXX", NULL);
  g_autofree char *hub = g_build_filename (folder, "1-1:1.0", NULL);
  g_autofree char *first = NULL, *second = NULL, *third = NULL;
  g_autoptr (UbUsbPorts) ports = NULL;

  write_file (folder, "1-0:1.0/usb1-port1/state", "configured\n");
  write_file (folder, "1-1:1.0/1-1-port2/state", "default\n");
  ports = ub_usb_ports_new (folder);
  first = look (ports);
  g_assert_cmpstr (first, ==, "|1-1 2 configured|1-1.2 1 default");
  remove_tree (hub);
  ub_usb_ports_find (ports);
  second = look (ports);
  g_assert_cmpstr (second, ==, "|1-1 2 configured|1-1.2 0 ");
  third = look (ports);
  g_assert_cmpstr (third, ==, "|1-1 2 configured");
  remove_tree (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usb/log/records", test_records);
  g_test_add_func ("/usb/log/cut-records", test_cut_records);
  g_test_add_func ("/usb/ports/states", test_ports);
  g_test_add_func ("/usb/ports/hub-goes", test_hub_goes);
#define ADD(path, func) g_test_add (path, Bench, NULL, set_up, func, tear_down)
  ADD ("/usb/faults/mended", test_mended);
  ADD ("/usb/faults/given-up", test_given_up);
  ADD ("/usb/faults/slow", test_slow);
  ADD ("/usb/faults/two-ports", test_two_ports);
  ADD ("/usb/faults/unusable", test_unusable);
  ADD ("/usb/faults/states", test_states);
  ADD ("/usb/faults/flood", test_flood);
  return g_test_run ();
}
