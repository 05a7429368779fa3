/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How soon a phone that has just come is talked to: from its node's appearance to the first
 * handshake byte that it sees, and how many of 200 phones with a window of 300 ms are caught. */
#include "config.h"

#include "usb/usb-bench.h"

#include <errno.h>
#include <stdlib.h>

#define N 200
#define WINDOW_US (300 * 1000)

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static gpointer
wait_and_talk (gpointer data)
{
  UsbBench *bench = data;
  g_autoptr (UbLink) link = ub_link_source_wait (bench->source, NULL, 5000, NULL, NULL);
  guint8 byte = 0xa0;

  if (link != NULL && ub_link_send (link, &byte, 1, 500, NULL))
    ub_link_receive_some (link, &byte, 1, 500, NULL);
  return NULL;
}

/* one phone that comes, has its window and goes; returns µs, or -1 if it was missed */
static gint64
catch_one (UsbBench *bench)
{
  GThread *thread = g_thread_new ("session", wait_and_talk, bench);
  gint64   start = g_get_monotonic_time ();
  gint64   first;

  usb_bench_plug (bench, 0x2000);
  g_thread_join (thread);
  first = bench->first_us;
  usb_bench_unplug (bench, -ESHUTDOWN);
  return first > 0 ? first - start : -1;
}

int
main (int argc, char **argv)
{
  UsbBench bench = { 0 };
  gint64   times[N];
  guint    n = 0, caught = 0;

  usb_bench_begin (argv);
  usb_bench_set_up (&bench, NULL);
  bench.echo = TRUE;
  for (guint i = 0; i < N; i++)
    {
      gint64 us = catch_one (&bench);

      if (us >= 0)
        times[n++] = us;
      caught += us >= 0 && us <= WINDOW_US;
    }
  usb_bench_tear_down (&bench, NULL);
  qsort (times, n, sizeof times[0], compare);
  if (n > 0)
    g_print ("node to first handshake byte: median %.2f ms, worst %.2f ms\n",
             times[n / 2] / 1000.0,
             times[n - 1] / 1000.0);
  g_print ("phones with a window of %d ms caught: %u of %d\n", WINDOW_US / 1000, caught, N);
  return caught == N ? 0 : 1;
}
