/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-phone-picture.h"

#include <librsvg/rsvg.h>
#include <string.h>

#include "app/ub-compat.h"

#define FOLDER "/io/github/unbrick/Unbrick/ui/pictures/"

/* as they are drawn; smaller only where there is no room */
#define WIDTH 160
#define HEIGHT 200
#define MIN_WIDTH 104
#define MIN_HEIGHT 130

struct _UbPhonePicture
{
  GtkWidget parent_instance;

  UbGuidePicture picture;
  RsvgHandle    *drawing; /* (owned) */
  char          *style;   /* (owned): what was set last */
};

G_DEFINE_FINAL_TYPE (UbPhonePicture, ub_phone_picture, GTK_TYPE_WIDGET)

static RsvgHandle *
load (UbGuidePicture picture)
{
  g_autofree char *path = g_strconcat (FOLDER, ub_guide_picture_get_name (picture), ".svg", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, &error);
  RsvgHandle *drawing = NULL;
  gsize       size = 0;
  const void *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (data != NULL)
    drawing = rsvg_handle_new_from_data (data, size, &error);
  if (drawing == NULL)
    g_critical ("a picture that is part of this program cannot be shown: %s", error->message);
  return drawing;
}

/* the drawings leave their colour open */
static void
take_color (UbPhonePicture *self)
{
  g_autofree char *style = NULL;
  GdkRGBA          color;

  ub_compat_get_color (GTK_WIDGET (self), &color);
  /* whole numbers: no decimal comma in any language */
  style = g_strdup_printf ("svg { color: #%02x%02x%02x; opacity: %d%%; }",
                           (guint) (color.red * 255 + 0.5F),
                           (guint) (color.green * 255 + 0.5F),
                           (guint) (color.blue * 255 + 0.5F),
                           (int) (color.alpha * 100 + 0.5F));
  if (g_strcmp0 (style, self->style) == 0)
    return;
  rsvg_handle_set_stylesheet (self->drawing, (const guint8 *) style, strlen (style), NULL);
  g_free (self->style);
  self->style = g_steal_pointer (&style);
}

static void
ub_phone_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  UbPhonePicture       *self = UB_PHONE_PICTURE (widget);
  const float           width = (float) gtk_widget_get_width (widget);
  const float           height = (float) gtk_widget_get_height (widget);
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  const RsvgRectangle   viewport = { 0, 0, width, height };
  g_autoptr (GError) error = NULL;
  cairo_t *cr;

  if (self->drawing == NULL || width < 1 || height < 1)
    return;
  take_color (self);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  if (!rsvg_handle_render_document (self->drawing, cr, &viewport, &error))
    g_warning ("a picture could not be drawn: %s", error->message);
  cairo_destroy (cr);
}

static void
ub_phone_picture_measure (GtkWidget     *widget,
                          GtkOrientation orientation,
                          int            for_size,
                          int           *minimum,
                          int           *natural,
                          int           *minimum_baseline,
                          int           *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
ub_phone_picture_finalize (GObject *object)
{
  UbPhonePicture *self = UB_PHONE_PICTURE (object);

  g_clear_object (&self->drawing);
  g_free (self->style);
  G_OBJECT_CLASS (ub_phone_picture_parent_class)->finalize (object);
}

static void
ub_phone_picture_class_init (UbPhonePictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ub_phone_picture_finalize;
  widget_class->snapshot = ub_phone_picture_snapshot;
  widget_class->measure = ub_phone_picture_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
show (UbPhonePicture *self, UbGuidePicture picture)
{
  self->picture = picture;
  g_clear_object (&self->drawing);
  g_clear_pointer (&self->style, g_free);
  self->drawing = load (picture);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  ub_guide_picture_get_text (picture),
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
ub_phone_picture_init (UbPhonePicture *self)
{
  show (self, UB_GUIDE_AWAY);
}

void
ub_phone_picture_set (UbPhonePicture *self, UbGuidePicture picture)
{
  if (self->picture != picture)
    show (self, picture);
}

UbGuidePicture
ub_phone_picture_get (UbPhonePicture *self)
{
  return self->picture;
}
