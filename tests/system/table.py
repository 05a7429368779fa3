# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found: a line a fact, and the same for machines."""
import json
import statistics


class Table:
    def __init__(self):
        self.rows = []

    def add(self, name, text, good=None, **figures):
        """good None: a figure, nothing that could be wrong."""
        self.rows.append({'name': name, 'text': text, 'good': good, **figures})
        mark = '    ' if good is None else 'ok  ' if good else 'BAD '
        print(f'{mark}{name} {"." * max(2, 68 - len(name))} {text}', flush=True)

    def figures(self, name, seconds):
        """Median and worst, in ms."""
        if seconds:
            median, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
            self.add(name, f'median {median:.0f} ms, worst {worst:.0f} ms', median_ms=round(median, 1), worst_ms=round(worst, 1), n=len(seconds))

    @property
    def bad(self):
        return [row['name'] for row in self.rows if row['good'] is False]

    def write(self, path, **more):
        with open(path, 'w', encoding='utf-8') as f:
            json.dump({**more, 'facts': self.rows}, f, indent=1)
            f.write('\n')
