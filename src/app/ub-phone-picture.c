/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-phone-picture.h"

#define PICTURE_WIDTH 96
#define PICTURE_HEIGHT 150

/* the phone's outline in the picture */
#define LEFT 22.0
#define TOP 6.0
#define WIDTH 52.0
#define HEIGHT 96.0
#define MIDDLE (LEFT + WIDTH / 2)

struct _UbPhonePicture
{
  GtkWidget parent_instance;
  UbPicture picture;
};

G_DEFINE_FINAL_TYPE (UbPhonePicture, ub_phone_picture, GTK_TYPE_WIDGET)

static void
rounded (cairo_t *cr, double x, double y, double w, double h, double r)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w - r, y + r, r, -G_PI_2, 0);
  cairo_arc (cr, x + w - r, y + h - r, r, 0, G_PI_2);
  cairo_arc (cr, x + r, y + h - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
draw_phone (cairo_t *cr, const GdkRGBA *color, gboolean on)
{
  rounded (cr, LEFT, TOP, WIDTH, HEIGHT, 9);
  cairo_stroke (cr);
  /* the screen, faintly; lit if the phone is switched on */
  rounded (cr, LEFT + 5, TOP + 10, WIDTH - 10, HEIGHT - 22, 3);
  if (on)
    cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.55);
  else
    cairo_set_source_rgba (cr, color->red, color->green, color->blue, 0.10);
  cairo_fill (cr);
  gdk_cairo_set_source_rgba (cr, color);
  cairo_move_to (cr, MIDDLE - 6, TOP + 5);
  cairo_line_to (cr, MIDDLE + 6, TOP + 5);
  cairo_stroke (cr);
}

/* volume up, volume down and power; the one to hold is marked */
static void
draw_keys (cairo_t *cr, const GdkRGBA *color, gboolean mark)
{
  cairo_rectangle (cr, LEFT - 4, TOP + 20, 3, 11);
  cairo_rectangle (cr, LEFT + WIDTH + 1, TOP + 26, 3, 12);
  cairo_fill (cr);
  if (mark)
    cairo_set_source_rgb (cr, 0.90, 0.38, 0.0);
  cairo_rectangle (cr, LEFT - 4, TOP + 35, 3, 11);
  cairo_fill (cr);
  if (mark)
    {
      cairo_move_to (cr, 2, TOP + 40.5);
      cairo_line_to (cr, LEFT - 8, TOP + 40.5);
      cairo_move_to (cr, LEFT - 13, TOP + 35.5);
      cairo_line_to (cr, LEFT - 8, TOP + 40.5);
      cairo_line_to (cr, LEFT - 13, TOP + 45.5);
      cairo_stroke (cr);
    }
  gdk_cairo_set_source_rgba (cr, color);
}

static void
draw_cable (cairo_t *cr, gboolean plugged)
{
  double y = TOP + HEIGHT + (plugged ? 1 : 14);

  rounded (cr, MIDDLE - 6, y + 4, 12, 13, 2);
  cairo_stroke (cr);
  cairo_rectangle (cr, MIDDLE - 4, y, 8, 4);
  cairo_fill (cr);
  cairo_move_to (cr, MIDDLE, y + 17);
  cairo_line_to (cr, MIDDLE, PICTURE_HEIGHT);
  cairo_stroke (cr);
}

static void
draw_mark (cairo_t *cr, UbPicture picture)
{
  double x = MIDDLE, y = TOP + HEIGHT / 2;

  if (picture == UB_PICTURE_DONE)
    {
      cairo_set_source_rgb (cr, 0.18, 0.76, 0.49);
      cairo_arc (cr, x, y, 16, 0, 2 * G_PI);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_move_to (cr, x - 7, y);
      cairo_line_to (cr, x - 2, y + 6);
      cairo_line_to (cr, x + 8, y - 6);
    }
  else
    {
      cairo_set_source_rgb (cr, 0.90, 0.38, 0.0);
      cairo_move_to (cr, x, y - 13);
      cairo_line_to (cr, x, y + 4);
      cairo_move_to (cr, x, y + 12);
      cairo_line_to (cr, x, y + 12.5);
    }
  cairo_set_line_width (cr, 4);
  cairo_stroke (cr);
}

static void
ub_phone_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  UbPhonePicture *self = UB_PHONE_PICTURE (widget);
  int             width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  cairo_t        *cr =
      gtk_snapshot_append_cairo (snapshot,
                                 &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  cairo_translate (cr, (width - PICTURE_WIDTH) / 2.0, 0);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 2);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  draw_phone (cr, &color, self->picture == UB_PICTURE_ON);
  draw_keys (cr, &color, self->picture == UB_PICTURE_KEYS);
  draw_cable (cr, self->picture != UB_PICTURE_AWAY && self->picture != UB_PICTURE_KEYS);
  if (self->picture == UB_PICTURE_DONE || self->picture == UB_PICTURE_TROUBLE)
    draw_mark (cr, self->picture);
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
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? PICTURE_WIDTH : PICTURE_HEIGHT;
}

static void
ub_phone_picture_class_init (UbPhonePictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = ub_phone_picture_snapshot;
  widget_class->measure = ub_phone_picture_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
ub_phone_picture_init (UbPhonePicture *self)
{
}

void
ub_phone_picture_set (UbPhonePicture *self, UbPicture picture)
{
  if (self->picture == picture)
    return;
  self->picture = picture;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
