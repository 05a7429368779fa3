/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "usb/ub-usb-ports.h"

#include <string.h>

#define PORTS_MAX 4096

typedef struct
{
  char    *name;   /* "1-2.4" */
  char    *folder; /* ".../1-2:1.0/1-2-port4" */
  gboolean has_state;
  gint64   over_current; /* -1: not known */
} Port;

struct _UbUsbPorts
{
  char      *devices;
  GPtrArray *ports; /* of Port */
  GPtrArray *gone;  /* of Port: with their hub, and not told yet */
};

static void
port_free (gpointer data)
{
  Port *self = data;

  g_free (self->name);
  g_free (self->folder);
  g_free (self);
}

static char *
read_line (const char *folder, const char *attribute)
{
  g_autofree char *path = g_build_filename (folder, attribute, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_utf8_make_valid (g_strstrip (text), -1);
}

static gint64
read_over_current (const char *folder)
{
  g_autofree char *text = read_line (folder, "over_current_count");

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : -1;
}

/* "usb1-port2" is the port of "1-2", "1-2-port4" the one of "1-2.4" */
static char *
name_port (const char *folder)
{
  const char *at = strstr (folder, "-port");
  gboolean    is_root = g_str_has_prefix (folder, "usb");
  const char *hub = is_root ? folder + strlen ("usb") : folder;
  guint64     number;

  if (at == NULL || at == hub ||
      !g_ascii_string_to_unsigned (at + strlen ("-port"), 10, 1, 255, &number, NULL))
    return NULL;
  return g_strdup_printf ("%.*s%s%u", (int) (at - hub), hub, is_root ? "-" : ".", (guint) number);
}

static void
add_port (UbUsbPorts *self, const char *interface, const char *entry)
{
  g_autofree char *name = name_port (entry);
  g_autofree char *state = NULL;
  Port            *port;

  if (name == NULL || self->ports->len >= PORTS_MAX)
    return;
  port = g_new0 (Port, 1);
  port->name = g_steal_pointer (&name);
  port->folder = g_build_filename (interface, entry, NULL);
  state = read_line (port->folder, "state");
  port->has_state = state != NULL;
  port->over_current = read_over_current (port->folder);
  if (port->has_state || port->over_current >= 0)
    g_ptr_array_add (self->ports, port);
  else
    port_free (port);
}

static Port *
find_folder (GPtrArray *ports, const char *folder)
{
  for (guint i = 0; i < ports->len; i++)
    {
      Port *port = g_ptr_array_index (ports, i);

      if (g_str_equal (port->folder, folder))
        return port;
    }
  return NULL;
}

/* how often it was short of current when it was last looked at stays known; what is not there any more is to be told */
static void
compare (UbUsbPorts *self, GPtrArray *before)
{
  for (guint i = before->len; i-- > 0;)
    {
      const Port *old = g_ptr_array_index (before, i);
      Port       *now = find_folder (self->ports, old->folder);

      if (now != NULL)
        now->over_current = old->over_current;
      else if (self->gone->len < PORTS_MAX)
        g_ptr_array_add (self->gone, g_ptr_array_steal_index_fast (before, i));
    }
}

void
ub_usb_ports_find (UbUsbPorts *self)
{
  g_autoptr (GDir) devices = g_dir_open (self->devices, 0, NULL);
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->ports);
  const char *name, *entry;

  self->ports = g_ptr_array_new_with_free_func (port_free);
  while (devices != NULL && (name = g_dir_read_name (devices)) != NULL)
    {
      g_autofree char *interface = NULL;
      g_autoptr (GDir) dir = NULL;

      if (!g_str_has_suffix (name, ":1.0"))
        continue;
      interface = g_build_filename (self->devices, name, NULL);
      dir = g_dir_open (interface, 0, NULL);
      while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
        add_port (self, interface, entry);
    }
  compare (self, before);
}

/* drivers/usb/common/common.c: usb_state_string() */
static UbUsbPortState
judge (const char *state)
{
  const char *const trying[] = {
    "attached", "powered", "reconnecting", "unauthenticated", "default", "addressed", NULL
  };

  if (g_strv_contains (trying, state))
    return UB_USB_PORT_TRYING;
  return g_str_equal (state, "not attached") ? UB_USB_PORT_EMPTY : UB_USB_PORT_USED;
}

void
ub_usb_ports_look (UbUsbPorts *self, UbUsbPortFunc func, gpointer user_data)
{
  for (guint i = 0; i < self->gone->len; i++)
    func (((const Port *) g_ptr_array_index (self->gone, i))->name,
          UB_USB_PORT_EMPTY,
          NULL,
          user_data);
  g_ptr_array_set_size (self->gone, 0);
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port            *port = g_ptr_array_index (self->ports, i);
      g_autofree char *state = port->has_state ? read_line (port->folder, "state") : NULL;
      gint64           count = port->over_current >= 0 ? read_over_current (port->folder) : -1;

      if (state != NULL)
        func (port->name, judge (state), state, user_data);
      if (count > port->over_current)
        func (port->name, UB_USB_PORT_OVER_CURRENT, NULL, user_data);
      if (count >= 0)
        port->over_current = count;
    }
}

gboolean
ub_usb_ports_have_states (UbUsbPorts *self)
{
  for (guint i = 0; i < self->ports->len; i++)
    if (((const Port *) g_ptr_array_index (self->ports, i))->has_state)
      return TRUE;
  return FALSE;
}

UbUsbPorts *
ub_usb_ports_new (const char *devices)
{
  UbUsbPorts *self = g_new0 (UbUsbPorts, 1);

  self->devices = g_strdup (devices);
  self->ports = g_ptr_array_new_with_free_func (port_free);
  self->gone = g_ptr_array_new_with_free_func (port_free);
  ub_usb_ports_find (self);
  return self;
}

void
ub_usb_ports_free (UbUsbPorts *self)
{
  g_ptr_array_unref (self->ports);
  g_ptr_array_unref (self->gone);
  g_free (self->devices);
  g_free (self);
}
