/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A port of QEMU's "usb-redir": the device's side of it, in packets. One thread, the default main context. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _RedirPort RedirPort;

typedef enum
{
  REDIR_FULL,
  REDIR_HIGH,
  REDIR_SUPER,
} RedirSpeed;

/* what goes wrong when the computer asks who it is */
typedef enum
{
  REDIR_SOUND,
  REDIR_STALLS,  /* it refuses to tell */
  REDIR_GARBAGE, /* it tells nonsense */
  REDIR_SILENT,  /* it never answers */
} RedirFault;

/* a thing to be plugged in; the port keeps no copy of what is pointed to */
typedef struct
{
  const guint8 *descriptors; /* device, then configuration, for high speed */
  gsize         n_descriptors;
  const char   *manufacturer, *product; /* (nullable) */
  RedirSpeed    speed;
  RedirFault    fault;

  /* a whole transfer from the host, possibly empty */
  void (*out) (const guint8 *data, gsize size, gpointer user_data);
  /* the host reads and has got all there was: one transfer more (transfer full), or NULL */
  GBytes *(*in) (gpointer user_data);
  /* SET_LINE_CODING */
  void (*line_coding) (gpointer user_data);
  /* SET_CONFIGURATION to other than 0 */
  void (*configured) (gpointer user_data);
} RedirModel;

/* waits up to 10 s for QEMU to listen and to say hello */
RedirPort *redir_port_new (const char *socket, GError **error);
void       redir_port_free (RedirPort *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RedirPort, redir_port_free)

/* what was plugged in goes first */
void redir_port_plug (RedirPort *self, const RedirModel *model, gpointer user_data);
/* transfers in flight end; nothing happens if nothing is there */
void redir_port_unplug (RedirPort *self);
/* there may be something for the host */
void redir_port_kick (RedirPort *self);
/* called when QEMU has gone */
void redir_port_set_closed (RedirPort *self, GSourceOnceFunc closed, gpointer user_data);

G_END_DECLS
