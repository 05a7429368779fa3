/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/lab-phone.h"

#include "lab/lab-descriptors.h"

#include <errno.h>
#include <string.h>

#define TICK_MS 10
#define SET_LINE_CODING 0x2120
#define SET_CONTROL_LINE_STATE 0x2122
#define GET_LINE_CODING 0xa121

/* the same on a slow bus */
typedef struct
{
  VusbModel model;
  guint8    descriptors[128];
} SlowModel;

struct _LabPhone
{
  VusbBus *bus;
  guint    port;
  char    *stray; /* (nullable) */
  gboolean denied;
  guint    tick;
  gint64   ticked_us;

  VusbDevice *dev;     /* (nullable): only the main thread plugs and unplugs */
  guint16     product; /* that it was plugged in as; 0: something else stands there */
  SlowModel   slow_preloader;
  SlowModel   slow_boot_rom;
  GPtrArray  *things; /* VusbModel: all that ever stood there; clients may have them open yet */
  gboolean    guised; /* its boot code looks like the last of them */
  gboolean    broken;
  VusbStats   past; /* of those who stood here before */
  LabScript  *script;

  /* Taken after the device's lock, never before. */
  GMutex           lock;
  UbPracticePhone *phone;
  gboolean         left;    /* it was off the bus since the last look */
  gboolean         looking; /* a look is under way */
};

/* with both locks held */
static void
fetch_output (LabPhone *self, VusbDevice *dev)
{
  GBytes *bytes = ub_practice_phone_output (self->phone);

  if (bytes == NULL)
    return;
  vusb_device_queue (dev,
                     LAB_EP_IN,
                     g_bytes_get_data (bytes, NULL),
                     g_bytes_get_size (bytes),
                     FALSE);
  g_bytes_unref (bytes);
}

static void
model_in (VusbDevice *dev, guint8 ep, gpointer user_data)
{
  LabPhone *self = user_data;

  if (ep != LAB_EP_IN)
    return;
  g_mutex_lock (&self->lock);
  fetch_output (self, dev);
  g_mutex_unlock (&self->lock);
}

static VusbHandshake
model_out (VusbDevice *dev, guint8 ep, const guint8 *data, gsize len, gpointer user_data)
{
  LabPhone *self = user_data;
  gboolean  present;

  g_mutex_lock (&self->lock);
  present = !self->left && ub_practice_phone_is_present (self->phone);
  if (present)
    ub_practice_phone_input (self->phone, data, len);
  g_mutex_unlock (&self->lock);
  if (present)
    lab_script_heard (self->script, len);
  if (present)
    vusb_device_send_queued (dev, LAB_EP_IN);
  return present ? VUSB_ACK : VUSB_NAK;
}

static int
model_control (VusbDevice                   *dev,
               const struct usb_ctrlrequest *setup,
               guint8                       *data,
               gpointer                      user_data)
{
  LabPhone *self = user_data;

  switch (setup->bRequestType << 8 | setup->bRequest)
    {
    case SET_LINE_CODING:
      g_mutex_lock (&self->lock);
      ub_practice_phone_line_coding (self->phone);
      g_mutex_unlock (&self->lock);
      return GUINT16_FROM_LE (setup->wLength);
    case SET_CONTROL_LINE_STATE:
      return 0;
    case GET_LINE_CODING:
      memcpy (data, "\x00\x10\x0e\x00\x00\x00\x08", 7);
      return 7;
    default:
      return -EPIPE;
    }
}

#define SERIAL_MODEL(name_, descriptors_, manufacturer_, product_)                                 \
  {                                                                                                \
    .name = name_, .descriptors = descriptors_, .n_descriptors = sizeof descriptors_,              \
    .manufacturer = manufacturer_, .product = product_, .kernel_driver = "cdc_acm",                \
    .out = model_out, .in = model_in, .control = model_control                                     \
  }

static const VusbModel preloader_model =
    SERIAL_MODEL ("preloader", lab_preloader_descriptors, "MediaTek", "MT65xx Preloader");
static const VusbModel boot_rom_model =
    SERIAL_MODEL ("boot-rom", lab_boot_rom_descriptors, NULL, NULL);
static const VusbModel agent_model = SERIAL_MODEL ("agent", lab_agent_descriptors, NULL, NULL);
static const VusbModel android_model = { .name = "android",
                                         .descriptors = lab_android_descriptors,
                                         .n_descriptors = sizeof lab_android_descriptors,
                                         .manufacturer = "MediaTek",
                                         .product = "Practice phone" };

/* bulk transfers in packets of 64 bytes */
static void
slow_model_init (SlowModel *self, const VusbModel *model)
{
  guint8 *d = self->descriptors;

  g_assert (model->n_descriptors <= sizeof self->descriptors);
  memcpy (d, model->descriptors, model->n_descriptors);
  for (gsize i = 0; i < model->n_descriptors; i += d[i])
    if (d[i + 1] == USB_DT_ENDPOINT && d[i + 3] == USB_ENDPOINT_XFER_BULK)
      {
        d[i + 4] = 64;
        d[i + 5] = 0;
      }
  self->model = *model;
  self->model.descriptors = d;
  self->model.full_speed = TRUE;
}

static const VusbModel *
find_model (LabPhone *self, guint16 product, gboolean slow)
{
  if (product == 0x0003)
    return slow ? &self->slow_boot_rom.model : &boot_rom_model;
  if (product == 0x2001)
    return &agent_model;
  if (product == 0x201d)
    return &android_model;
  if (self->guised)
    return g_ptr_array_index (self->things, self->things->len - 1);
  return slow ? &self->slow_preloader.model : &preloader_model;
}

static void
put_on_bus (LabPhone *self, const VusbModel *model)
{
  lab_script_came (self->script);
  self->dev = vusb_device_plug (self->bus, self->port, VUSB_NODE_PTY, model, self->denied, self);
}

static void
take_off_bus (LabPhone *self, int urb_status)
{
  VusbStats stats;

  if (self->broken)
    vusb_bus_set_port_state (self->bus, self->port, "not attached");
  self->broken = FALSE;
  if (self->dev == NULL)
    return;
  vusb_device_get_stats (self->dev, &stats);
  self->past.opens += stats.opens;
  self->past.claims += stats.claims;
  vusb_device_unplug (g_steal_pointer (&self->dev), urb_status);
}

/* Makes the bus what the phone says. */
static void
look (LabPhone *self)
{
  gboolean present, left, slow;
  guint16  product;

  g_mutex_lock (&self->lock);
  present = ub_practice_phone_is_present (self->phone);
  slow = !ub_practice_phone_is_high_speed (self->phone);
  product = ub_practice_phone_get_product (self->phone);
  left = self->left;
  self->left = FALSE;
  self->looking = FALSE;
  g_mutex_unlock (&self->lock);

  if (self->dev != NULL && self->product != 0 && (!present || left || product != self->product))
    take_off_bus (self, -ESHUTDOWN);
  if (self->dev == NULL && present)
    {
      self->product = product;
      put_on_bus (self, find_model (self, product, slow));
    }
}

static gboolean
look_cb (gpointer user_data)
{
  look (user_data);
  return G_SOURCE_REMOVE;
}

/* with the phone's lock held, in whatever thread; an idle of a freed phone is removed by its data
 */
static void
notify_cb (UbPracticePhone *phone, gpointer user_data)
{
  LabPhone *self = user_data;

  if (!ub_practice_phone_is_present (phone))
    self->left = TRUE;
  if (self->looking)
    return;
  self->looking = TRUE;
  g_idle_add_full (G_PRIORITY_HIGH, look_cb, self, NULL);
}

static gboolean
tick_cb (gpointer user_data)
{
  LabPhone *self = user_data;
  gint64    now = g_get_monotonic_time ();
  guint     ms = (guint) ((now - self->ticked_us) / 1000);

  if (ms == 0)
    return G_SOURCE_CONTINUE;
  self->ticked_us += ms * G_GINT64_CONSTANT (1000);
  g_mutex_lock (&self->lock);
  ub_practice_phone_advance (self->phone, ms);
  g_mutex_unlock (&self->lock);
  look (self);
  if (self->dev != NULL)
    vusb_device_kick (self->dev);
  return G_SOURCE_CONTINUE;
}

static void
plug_phone (LabPhone *self)
{
  take_off_bus (self, -ESHUTDOWN);
  g_mutex_lock (&self->lock);
  ub_practice_phone_plug (self->phone);
  if (self->stray != NULL)
    {
      ub_practice_phone_line_coding (self->phone);
      ub_practice_phone_input (self->phone, (const guint8 *) self->stray, strlen (self->stray));
    }
  self->left = FALSE;
  g_mutex_unlock (&self->lock);
  look (self);
}

void
lab_phone_plug (LabPhone *self)
{
  self->guised = FALSE;
  plug_phone (self);
}

/* what the kernel writes when it has tried twice */
static void
break_port (LabPhone *self)
{
  static const char *const lines[] = {
    "6usb 1-%u: new high-speed USB device number 9 using xhci_hcd",
    "3usb 1-%u: device descriptor read/64, error -71",
    "3usb 1-%u: device not accepting address 9, error -71",
    "3usb usb1-port%u: unable to enumerate USB device"
  };

  self->broken = TRUE;
  vusb_bus_set_port_state (self->bus, self->port, "default");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i] + 1, "%u", 2);
      g_autofree char *text = g_strdup_printf ("%s%u%s", parts[0], self->port, parts[1]);

      vusb_bus_log (self->bus, (guint) (lines[i][0] - '0'), text);
    }
}

static void
plug_thing (LabPhone *self, const LabThing *thing)
{
  VusbModel *model = g_memdup2 (&preloader_model, sizeof preloader_model); /* answers like it */

  lab_phone_unplug (self, -ESHUTDOWN);
  model->name = thing->name;
  model->descriptors = thing->descriptors;
  model->n_descriptors = thing->n_descriptors;
  model->manufacturer = thing->manufacturer;
  model->product = thing->product;
  model->serial = thing->serial;
  model->kernel_driver = thing->driver;
  g_ptr_array_add (self->things, model);
  self->guised = thing->kind == LAB_THING_PHONE;
  if (self->guised)
    {
      plug_phone (self);
      return;
    }
  self->product = 0;
  if (thing->kind == LAB_THING_BROKEN)
    break_port (self);
  else
    put_on_bus (self, model);
}

void
lab_phone_unplug (LabPhone *self, int urb_status)
{
  take_off_bus (self, urb_status);
  g_mutex_lock (&self->lock);
  ub_practice_phone_unplug (self->phone);
  g_mutex_unlock (&self->lock);
  look (self);
}

void
lab_phone_deny (LabPhone *self, gboolean denied)
{
  self->denied = denied;
  if (self->dev != NULL)
    vusb_device_deny (self->dev, denied);
}

void
lab_phone_hold (LabPhone *self, gboolean held)
{
  vusb_bus_hold_port (self->bus, self->port, held);
  if (self->dev != NULL)
    vusb_device_hold (self->dev, held);
}

void
lab_phone_set_stray (LabPhone *self, const char *bytes)
{
  g_free (self->stray);
  self->stray = g_strdup (bytes);
}

void
lab_phone_get_stats (LabPhone *self, VusbStats *stats)
{
  memset (stats, 0, sizeof *stats);
  if (self->dev != NULL)
    vusb_device_get_stats (self->dev, stats);
  stats->opens += self->past.opens;
  stats->claims += self->past.claims;
}

LabScript *
lab_phone_get_script (LabPhone *self)
{
  return self->script;
}

VusbDevice *
lab_phone_get_device (LabPhone *self)
{
  return self->dev;
}

UbPracticePhone *
lab_phone_lock (LabPhone *self)
{
  g_mutex_lock (&self->lock);
  return self->phone;
}

void
lab_phone_unlock (LabPhone *self)
{
  g_mutex_unlock (&self->lock);
}

static UbPracticePhone *
stage_lock (gpointer stage)
{
  return lab_phone_lock (stage);
}

static void
stage_unlock (gpointer stage)
{
  lab_phone_unlock (stage);
}

static char *
stage_plug (gpointer stage, const LabThing *thing, GError **error)
{
  LabPhone *self = stage;

  if (thing != NULL)
    plug_thing (self, thing);
  else
    lab_phone_plug (self);
  return g_strdup (self->dev != NULL ? vusb_device_get_node (self->dev) : "");
}

static void
stage_unplug (gpointer stage)
{
  lab_phone_unplug (stage, -ESHUTDOWN);
}

static const LabStage phone_stage = { stage_lock, stage_unlock, stage_plug, stage_unplug };

LabPhone *
lab_phone_new (VusbBus *bus, guint port, const UbPracticePhoneOptions *options, GError **error)
{
  UbPracticePhone *phone = ub_practice_phone_new (options, error);
  LabPhone        *self;

  if (phone == NULL)
    return NULL;
  self = g_new0 (LabPhone, 1);
  self->bus = bus;
  self->port = port;
  self->phone = phone;
  g_mutex_init (&self->lock);
  self->script = lab_script_new (&phone_stage, self);
  self->things = g_ptr_array_new_with_free_func (g_free);
  slow_model_init (&self->slow_preloader, &preloader_model);
  slow_model_init (&self->slow_boot_rom, &boot_rom_model);
  ub_practice_phone_set_notify (phone, notify_cb, self);
  self->ticked_us = g_get_monotonic_time ();
  self->tick = g_timeout_add (TICK_MS, tick_cb, self);
  return self;
}

void
lab_phone_free (LabPhone *self)
{
  ub_practice_phone_set_notify (self->phone, NULL, NULL);
  g_source_remove (self->tick);
  while (g_source_remove_by_user_data (self))
    ;
  take_off_bus (self, -ESHUTDOWN);
  lab_script_free (self->script);
  ub_practice_phone_free (self->phone);
  g_mutex_clear (&self->lock);
  g_free (self->stray);
  g_free (self);
}
