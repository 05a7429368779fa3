/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-estimator.h"

#define N_SAMPLES 50
#define MIN_SPACING_US                                                                             \
  (100 * 1000) /* closer samples replace the newest, so 50 of them span 5 s   \
                                     */

typedef struct
{
  gint64  time;
  guint64 done;
} Sample;

struct _UbEstimator
{
  Sample  samples[N_SAMPLES]; /* a ring */
  guint   first;
  guint   n;
  guint64 total;
};

UbEstimator *
ub_estimator_new (void)
{
  return g_new0 (UbEstimator, 1);
}

void
ub_estimator_free (UbEstimator *self)
{
  g_free (self);
}

void
ub_estimator_reset (UbEstimator *self)
{
  *self = (UbEstimator){ 0 };
}

static Sample *
sample_at (UbEstimator *self, guint i)
{
  return &self->samples[(self->first + i) % N_SAMPLES];
}

void
ub_estimator_add (UbEstimator *self, gint64 now_us, guint64 done_bytes, guint64 total_bytes)
{
  self->total = total_bytes;
  if (self->n > 1 && now_us - sample_at (self, self->n - 2)->time < MIN_SPACING_US)
    {
      *sample_at (self, self->n - 1) = (Sample){ now_us, done_bytes };
      return;
    }
  if (self->n == N_SAMPLES)
    {
      self->first = (self->first + 1) % N_SAMPLES;
      self->n--;
    }
  *sample_at (self, self->n++) = (Sample){ now_us, done_bytes };
}

double
ub_estimator_get_speed (UbEstimator *self)
{
  Sample *oldest = sample_at (self, 0);
  Sample *newest;

  if (self->n < 2)
    return 0;
  newest = sample_at (self, self->n - 1);
  if (newest->time <= oldest->time || newest->done <= oldest->done)
    return 0;
  return (double) (newest->done - oldest->done) * G_USEC_PER_SEC /
         (double) (newest->time - oldest->time);
}

gint64
ub_estimator_get_remaining (UbEstimator *self)
{
  double  speed = ub_estimator_get_speed (self);
  guint64 done;

  if (speed <= 0)
    return -1;
  done = sample_at (self, self->n - 1)->done;
  return (gint64) ((double) (self->total - MIN (done, self->total)) / speed * G_USEC_PER_SEC);
}
