/*
 * The bare queue in plain C: several servers, two priorities, and no model at all.
 *
 * It bounds what any engine of such a queue could reach.
 */
#include <stdint.h>
#include <stdlib.h>

enum { NEVER = -1 };

typedef struct { int first, last; } Line;

/* When the customers begin to be served, in the order in which they come; low[i]: 0 goes first. */
void queue_only(int64_t n, const int64_t *queued, const int64_t *service, const int8_t *low,
                int servers, int64_t *started)
{
    Line lines[2] = {{NEVER, NEVER}, {NEVER, NEVER}};
    int *next = malloc(n * sizeof *next), busy = 0;
    int64_t *ends = malloc(servers * sizeof *ends), arrived = 0, now;    /* ends: unordered */
    while (arrived < n || busy) {
        int first = 0;
        for (int i = 1; i < busy; i++)
            if (ends[i] < ends[first])
                first = i;
        if (arrived < n && (!busy || queued[arrived] <= ends[first])) {
            Line *line = &lines[low[arrived]];
            now = queued[arrived];
            if (line->first == NEVER)
                line->first = (int)arrived;
            else
                next[line->last] = (int)arrived;
            line->last = (int)arrived;
            next[arrived++] = NEVER;
        } else {
            now = ends[first];
            ends[first] = ends[--busy];
        }
        while (busy < servers && (lines[0].first != NEVER || lines[1].first != NEVER)) {
            Line *line = &lines[lines[0].first == NEVER];
            int customer = line->first;
            line->first = next[customer];
            started[customer] = now;
            ends[busy++] = now + service[customer];
        }
    }
    free(next);
    free(ends);
}
