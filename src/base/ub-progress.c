/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-progress.h"

typedef struct
{
  char *name;
  guint weight;
} Step;

struct _UbProgress
{
  UbProgress    *parent; /* (unowned) (nullable) */
  UbProgress    *child;  /* (owned) (nullable): the child of the current step */
  GArray        *steps;  /* of Step */
  guint          now;    /* index of the current step */
  guint          total;  /* sum of all weights */
  guint          before; /* sum of the weights of finished steps */
  double         fraction;
  UbProgressSink sink;
  gpointer       user_data;
};

static void
clear_step (gpointer data)
{
  g_free (((Step *) data)->name);
}

static UbProgress *
ub_progress_new_full (UbProgress *parent, UbProgressSink sink, gpointer user_data)
{
  UbProgress *self = g_new0 (UbProgress, 1);

  self->parent = parent;
  self->sink = sink;
  self->user_data = user_data;
  self->steps = g_array_new (FALSE, TRUE, sizeof (Step));
  g_array_set_clear_func (self->steps, clear_step);
  return self;
}

UbProgress *
ub_progress_new (UbProgressSink sink, gpointer user_data)
{
  return ub_progress_new_full (NULL, sink, user_data);
}

void
ub_progress_free (UbProgress *self)
{
  g_clear_pointer (&self->child, ub_progress_free);
  g_clear_pointer (&self->steps, g_array_unref);
  g_free (self);
}

static const char *
current_name (UbProgress *self)
{
  if (self->now < self->steps->len)
    return g_array_index (self->steps, Step, self->now).name;
  return NULL;
}

/* a fraction may only grow: a bar that runs backwards is a lie the user sees */
static void
publish (UbProgress *self, double fraction, const char *leaf)
{
  const char *name = leaf != NULL ? leaf : current_name (self);

  if (fraction < self->fraction)
    return;
  self->fraction = MIN (fraction, 1.0);

  if (self->parent != NULL)
    {
      UbProgress *up = self->parent;
      Step       *step = &g_array_index (up->steps, Step, up->now);
      double      sum = up->before + step->weight * self->fraction;

      publish (up, sum / up->total, name != NULL ? name : step->name);
    }
  else if (self->sink != NULL)
    self->sink (name, self->fraction, self->user_data);
}

void
ub_progress_add_step (UbProgress *self, const char *name, guint weight)
{
  Step step = { g_strdup (name), weight };

  g_return_if_fail (weight > 0);
  self->total += weight;
  g_array_append_val (self->steps, step);
}

UbProgress *
ub_progress_child (UbProgress *self)
{
  g_return_val_if_fail (self->now < self->steps->len, NULL);

  if (self->child == NULL)
    self->child = ub_progress_new_full (self, NULL, NULL);
  return self->child;
}

void
ub_progress_step_done (UbProgress *self)
{
  g_return_if_fail (self->now < self->steps->len);

  g_clear_pointer (&self->child, ub_progress_free);
  self->before += g_array_index (self->steps, Step, self->now).weight;
  self->now++;
  publish (self, (double) self->before / self->total, NULL);
}

void
ub_progress_set (UbProgress *self, guint64 done, guint64 total)
{
  g_return_if_fail (total > 0 && done <= total);
  publish (self, (double) done / (double) total, NULL);
}
