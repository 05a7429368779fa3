/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "system/redir-port.h"

#include "system/redir-descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <usbredirparser.h>

#define CONNECT_TRIES 200
#define CONNECT_US 50000
#define EP_IN 0x81
#define EP_OUT 0x01
#define CONTROL_MAX 4096
/* more than any host asks for in one transfer */
#define TRANSFER_MAX (16 * 1024 * 1024)

/* a read of the host's that is not done yet */
typedef struct
{
  guint64     id;
  gsize       size;
  GByteArray *got;
} Read;

struct _RedirPort
{
  struct usbredirparser *parser;
  int                    fd;
  GSource               *source;
  gpointer               tag;
  gboolean               writing; /* something waits for the socket */
  gboolean               hello;
  GSourceOnceFunc        closed;
  gpointer               closed_data;

  const RedirModel *model; /* (nullable): what is plugged in */
  gpointer          user_data;
  RedirDescriptors  descriptors;
  guint8            configuration;
  gboolean          leaving; /* the host has not yet heard that the last one went */
  const RedirModel *next;    /* (nullable): comes then */
  gpointer          next_data;

  GQueue  reads;   /* of Read */
  GBytes *sending; /* (nullable): of the device's, partly sent */
  gsize   sent;
};

static void
read_free (gpointer data)
{
  Read *self = data;

  g_byte_array_unref (self->got);
  g_free (self);
}

/* --- the socket --- */

static void
log_cb (void *priv, int level, const char *message)
{
  if (level <= usbredirparser_warning)
    g_printerr ("usb-redir: %s\n", message);
}

static int
read_cb (void *priv, uint8_t *data, int count)
{
  RedirPort *self = priv;
  gssize     n = read (self->fd, data, (gsize) count);

  if (n < 0)
    return errno == EAGAIN ? 0 : -1;
  return n == 0 ? -1 : (int) n;
}

static int
write_cb (void *priv, uint8_t *data, int count)
{
  RedirPort *self = priv;
  gssize     n = send (self->fd, data, (gsize) count, MSG_NOSIGNAL);

  if (n < 0)
    return errno == EAGAIN ? 0 : -1;
  return (int) n;
}

static void
hello_cb (void *priv, struct usb_redir_hello_header *header)
{
  ((RedirPort *) priv)->hello = TRUE;
}

/* FALSE once QEMU has gone */
static gboolean
serve (RedirPort *self)
{
  if (usbredirparser_do_read (self->parser) == usbredirparser_read_io_error)
    return FALSE;
  return !usbredirparser_has_data_to_write (self->parser) ||
         usbredirparser_do_write (self->parser) == 0;
}

typedef struct
{
  GSource    source;
  RedirPort *port;
} PortSource;

static gboolean
source_prepare (GSource *source, int *timeout)
{
  RedirPort *self = ((PortSource *) source)->port;
  gboolean   more = usbredirparser_has_data_to_write (self->parser);

  /* each change wakes the loop up, so none may be made for nothing */
  if (more != self->writing)
    g_source_modify_unix_fd (source, self->tag, more ? G_IO_IN | G_IO_OUT : G_IO_IN);
  self->writing = more;
  *timeout = -1;
  return FALSE;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  RedirPort *self = ((PortSource *) source)->port;

  if (serve (self))
    return G_SOURCE_CONTINUE;
  if (self->closed != NULL)
    self->closed (self->closed_data);
  return G_SOURCE_REMOVE;
}

static GSourceFuncs source_funcs = { .prepare = source_prepare, .dispatch = source_dispatch };

/* --- reads --- */

static void
answer_bulk (RedirPort *self, guint64 id, guint8 status, const guint8 *data, gsize size)
{
  struct usb_redir_bulk_packet_header header = { .endpoint = EP_IN,
                                                 .status = status,
                                                 .length = size & 0xffff,
                                                 .length_high = (guint16) (size >> 16) };

  usbredirparser_send_bulk_packet (self->parser,
                                   id,
                                   &header,
                                   size > 0 ? (uint8_t *) data : NULL,
                                   (int) size);
}

static void
finish_read (RedirPort *self, guint8 status)
{
  Read *done = g_queue_pop_head (&self->reads);

  answer_bulk (self,
               done->id,
               status,
               done->got->data,
               status == usb_redir_success ? done->got->len : 0);
  read_free (done);
}

/* the device's next packet into the host's first read; FALSE if there is none */
static gboolean
send_packet (RedirPort *self)
{
  gsize         packet = redir_descriptors_get_packet (&self->descriptors);
  Read         *first = g_queue_peek_head (&self->reads);
  const guint8 *data;
  gsize         size, n;

  if (self->sending == NULL)
    self->sending = self->model->in != NULL ? self->model->in (self->user_data) : NULL;
  if (self->sending == NULL)
    return FALSE;
  data = g_bytes_get_data (self->sending, &size);
  n = MIN (packet, size - self->sent);
  if (n > first->size - first->got->len)
    finish_read (self, usb_redir_babble);
  else
    {
      g_byte_array_append (first->got, data + self->sent, (guint) n);
      if (n < packet || first->got->len == first->size)
        finish_read (self, usb_redir_success);
    }
  self->sent += n;
  if (self->sent == size)
    g_clear_pointer (&self->sending, g_bytes_unref);
  if (self->sending == NULL)
    self->sent = 0;
  return TRUE;
}

void
redir_port_kick (RedirPort *self)
{
  while (self->model != NULL && !g_queue_is_empty (&self->reads) && send_packet (self))
    ;
}

static void
forget_transfers (RedirPort *self)
{
  g_queue_clear_full (&self->reads, read_free);
  g_clear_pointer (&self->sending, g_bytes_unref);
  self->sent = 0;
}

static void
bulk_cb (void                                *priv,
         uint64_t                             id,
         struct usb_redir_bulk_packet_header *header,
         uint8_t                             *data,
         int                                  size)
{
  RedirPort *self = priv;
  gsize      wanted = (gsize) header->length | (gsize) header->length_high << 16;

  if (self->model == NULL)
    ;
  else if (header->endpoint == EP_IN && wanted <= TRANSFER_MAX)
    {
      Read *one = g_new0 (Read, 1);

      one->id = id;
      one->size = wanted;
      one->got = g_byte_array_new ();
      g_queue_push_tail (&self->reads, one);
    }
  else
    {
      struct usb_redir_bulk_packet_header answer = *header;

      answer.status = header->endpoint == EP_OUT && self->model->out != NULL ? usb_redir_success
                                                                             : usb_redir_stall;
      usbredirparser_send_bulk_packet (self->parser, id, &answer, NULL, 0);
      if (answer.status == usb_redir_success)
        self->model->out (data, (gsize) size, self->user_data);
    }
  usbredirparser_free_packet_data (self->parser, data);
  redir_port_kick (self);
}

static void
cancel_cb (void *priv, uint64_t id)
{
  RedirPort *self = priv;

  for (GList *l = self->reads.head; l != NULL; l = l->next)
    if (((Read *) l->data)->id == id)
      {
        answer_bulk (self, id, usb_redir_cancelled, NULL, 0);
        read_free (l->data);
        g_queue_delete_link (&self->reads, l);
        return;
      }
}

/* --- control --- */

static void
tell_endpoints (RedirPort *self)
{
  struct usb_redir_ep_info_header        endpoints = { 0 };
  struct usb_redir_interface_info_header interfaces = { 0 };

  redir_descriptors_fill (&self->descriptors, &endpoints, &interfaces);
  usbredirparser_send_ep_info (self->parser, &endpoints);
  usbredirparser_send_interface_info (self->parser, &interfaces);
}

static void
reset_cb (void *priv)
{
  RedirPort *self = priv;

  self->configuration = 0;
  forget_transfers (self);
}

static void
set_configuration_cb (void *priv, uint64_t id, struct usb_redir_set_configuration_header *header)
{
  RedirPort                                   *self = priv;
  struct usb_redir_configuration_status_header answer = { usb_redir_success,
                                                          header->configuration };

  self->configuration = header->configuration;
  if (self->model == NULL)
    return;
  tell_endpoints (self);
  usbredirparser_send_configuration_status (self->parser, id, &answer);
  if (header->configuration != 0 && self->model->configured != NULL)
    self->model->configured (self->user_data);
}

static void
get_configuration_cb (void *priv, uint64_t id)
{
  RedirPort                                   *self = priv;
  struct usb_redir_configuration_status_header answer = { usb_redir_success, self->configuration };

  usbredirparser_send_configuration_status (self->parser, id, &answer);
}

static void
set_alt_cb (void *priv, uint64_t id, struct usb_redir_set_alt_setting_header *header)
{
  struct usb_redir_alt_setting_status_header answer = { usb_redir_success,
                                                        header->interface,
                                                        header->alt };

  usbredirparser_send_alt_setting_status (((RedirPort *) priv)->parser, id, &answer);
}

static void
get_alt_cb (void *priv, uint64_t id, struct usb_redir_get_alt_setting_header *header)
{
  struct usb_redir_alt_setting_status_header answer = { usb_redir_success, header->interface, 0 };

  usbredirparser_send_alt_setting_status (((RedirPort *) priv)->parser, id, &answer);
}

/* what comes on the interrupt endpoint is nothing, but it may be waited for */
static void
start_interrupt_cb (void                                              *priv,
                    uint64_t                                           id,
                    struct usb_redir_start_interrupt_receiving_header *header)
{
  struct usb_redir_interrupt_receiving_status_header answer = { usb_redir_success,
                                                                header->endpoint };

  usbredirparser_send_interrupt_receiving_status (((RedirPort *) priv)->parser, id, &answer);
}

static void
stop_interrupt_cb (void                                             *priv,
                   uint64_t                                          id,
                   struct usb_redir_stop_interrupt_receiving_header *header)
{
  struct usb_redir_interrupt_receiving_status_header answer = { usb_redir_success,
                                                                header->endpoint };

  usbredirparser_send_interrupt_receiving_status (((RedirPort *) priv)->parser, id, &answer);
}

/* bytes of the answer, or -1: refused */
static int
class_request (RedirPort *self, const struct usb_redir_control_packet_header *header, guint8 *data)
{
  static const guint8 line_coding[] = { 0x00, 0x10, 0x0e, 0x00, 0x00, 0x00, 0x08 }; /* 921600 8N1 */

  switch (header->requesttype << 8 | header->request)
    {
    case 0x2120: /* SET_LINE_CODING */
      if (self->model->line_coding != NULL)
        self->model->line_coding (self->user_data);
      return 0;
    case 0x2122: /* SET_CONTROL_LINE_STATE */
    case 0x2123: /* SEND_BREAK */
      return 0;
    case 0xa121: /* GET_LINE_CODING */
      memcpy (data, line_coding, sizeof line_coding);
      return (int) MIN (header->length, sizeof line_coding);
    default:
      return -1;
    }
}

static int
request (RedirPort *self, const struct usb_redir_control_packet_header *header, guint8 *data)
{
  switch (header->requesttype << 8 | header->request)
    {
    case 0x8006: /* GET_DESCRIPTOR */
      return redir_descriptors_get (&self->descriptors,
                                    header->value,
                                    data,
                                    MIN (header->length, CONTROL_MAX));
    case 0x8000: /* GET_STATUS: self-powered; nothing halted */
    case 0x8100:
    case 0x8200:
      data[0] = header->requesttype == 0x80;
      data[1] = 0;
      return MIN (header->length, 2);
    case 0x0001: /* features on and off: halts, remote wake-up */
    case 0x0201:
    case 0x0003:
    case 0x0030: /* SET_SEL, SET_ISOCH_DELAY */
    case 0x0031:
      return 0;
    default:
      return class_request (self, header, data);
    }
}

static void
control_cb (void                                   *priv,
            uint64_t                                id,
            struct usb_redir_control_packet_header *header,
            uint8_t                                *data,
            int                                     size)
{
  RedirPort                             *self = priv;
  guint8                                 buffer[CONTROL_MAX] = { 0 };
  struct usb_redir_control_packet_header answer = *header;
  int                                    n = -1;

  usbredirparser_free_packet_data (self->parser, data);
  if (self->model == NULL || self->model->fault == REDIR_SILENT)
    return;
  if (self->model->fault != REDIR_STALLS)
    n = request (self, header, buffer);
  if (self->model->fault == REDIR_GARBAGE)
    memset (buffer, 0x5a, sizeof buffer);
  answer.status = n < 0 ? usb_redir_stall : usb_redir_success;
  if (n < 0)
    answer.length = 0;
  else if (header->endpoint & 0x80)
    answer.length = (guint16) n;
  n = (header->endpoint & 0x80) ? MAX (n, 0) : 0;
  usbredirparser_send_control_packet (self->parser, id, &answer, n > 0 ? buffer : NULL, n);
}

/* --- coming and going --- */

static void
connect_model (RedirPort *self, const RedirModel *model, gpointer user_data)
{
  static const guint8                    speeds[] = { usb_redir_speed_full,
                                                      usb_redir_speed_high,
                                                      usb_redir_speed_super };
  struct usb_redir_device_connect_header header = { .speed = speeds[model->speed] };

  redir_descriptors_init (&self->descriptors, model);
  redir_descriptors_introduce (&self->descriptors, &header);
  self->model = model;
  self->user_data = user_data;
  self->configuration = 0;
  tell_endpoints (self);
  usbredirparser_send_device_connect (self->parser, &header);
}

void
redir_port_plug (RedirPort *self, const RedirModel *model, gpointer user_data)
{
  redir_port_unplug (self);
  if (self->leaving)
    {
      self->next = model;
      self->next_data = user_data;
    }
  else
    connect_model (self, model, user_data);
}

void
redir_port_unplug (RedirPort *self)
{
  self->next = NULL;
  if (self->model == NULL)
    return;
  self->model = NULL;
  self->leaving = TRUE;
  forget_transfers (self);
  usbredirparser_send_device_disconnect (self->parser);
}

static void
disconnect_ack_cb (void *priv)
{
  RedirPort        *self = priv;
  const RedirModel *next = g_steal_pointer (&self->next);

  self->leaving = FALSE;
  if (next != NULL)
    connect_model (self, next, self->next_data);
}

void
redir_port_set_closed (RedirPort *self, GSourceOnceFunc closed, gpointer user_data)
{
  self->closed = closed;
  self->closed_data = user_data;
}

static gboolean
open_socket (RedirPort *self, const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int                result = -1;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (guint i = 0; i < CONNECT_TRIES && result < 0; i++)
    {
      if (i > 0)
        g_usleep (CONNECT_US);
      result = connect (self->fd, (const struct sockaddr *) &address, sizeof address);
    }
  if (result == 0 && g_unix_set_fd_nonblocking (self->fd, TRUE, error))
    return TRUE;
  if (result < 0)
    g_set_error (error,
                 G_IO_ERROR,
                 g_io_error_from_errno (errno),
                 "%s: %s",
                 path,
                 g_strerror (errno));
  return FALSE;
}

static void
open_parser (RedirPort *self)
{
  static const int       wanted[] = { usb_redir_cap_connect_device_version,
                                      usb_redir_cap_device_disconnect_ack,
                                      usb_redir_cap_ep_info_max_packet_size,
                                      usb_redir_cap_64bits_ids,
                                      usb_redir_cap_32bits_bulk_length };
  guint32                caps[USB_REDIR_CAPS_SIZE] = { 0 };
  struct usbredirparser *parser = usbredirparser_create ();

  parser->priv = self;
  parser->log_func = log_cb;
  parser->read_func = read_cb;
  parser->write_func = write_cb;
  parser->hello_func = hello_cb;
  parser->reset_func = reset_cb;
  parser->device_disconnect_ack_func = disconnect_ack_cb;
  parser->set_configuration_func = set_configuration_cb;
  parser->get_configuration_func = get_configuration_cb;
  parser->set_alt_setting_func = set_alt_cb;
  parser->get_alt_setting_func = get_alt_cb;
  parser->start_interrupt_receiving_func = start_interrupt_cb;
  parser->stop_interrupt_receiving_func = stop_interrupt_cb;
  parser->cancel_data_packet_func = cancel_cb;
  parser->control_packet_func = control_cb;
  parser->bulk_packet_func = bulk_cb;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    usbredirparser_caps_set_cap (caps, wanted[i]);
  usbredirparser_init (parser, "ub-redir 1", caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
  self->parser = parser;
}

RedirPort *
redir_port_new (const char *socket, GError **error)
{
  g_autoptr (RedirPort) self = g_new0 (RedirPort, 1);

  g_queue_init (&self->reads);
  if (!open_socket (self, socket, error))
    return NULL;
  open_parser (self);
  self->source = g_source_new (&source_funcs, sizeof (PortSource));
  ((PortSource *) self->source)->port = self;
  self->tag = g_source_add_unix_fd (self->source, self->fd, G_IO_IN);
  g_source_attach (self->source, NULL);
  for (guint i = 0; i < CONNECT_TRIES && !self->hello; i++)
    {
      g_usleep (CONNECT_US);
      if (!serve (self))
        break;
    }
  if (self->hello)
    return g_steal_pointer (&self);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: nobody says hello", socket);
  return NULL;
}

void
redir_port_free (RedirPort *self)
{
  forget_transfers (self);
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  if (self->parser != NULL)
    usbredirparser_destroy (self->parser);
  if (self->fd > 0)
    close (self->fd);
  g_free (self);
}
