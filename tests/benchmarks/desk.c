/*
 * The desk in plain C: what the compiled engine is measured against.
 *
 * It is the model of hitlsim's engines, restricted to what one world exercises: every decision
 * passes a gate, one pool of people is always there, and nothing is escalated, redrafted or looked
 * at again. Decisions arise, wait for a drafting slot, are routed, wait in the queue of their
 * workflow (no two have the same priority), and are reviewed by people who read or do not, see
 * more or less, learn, trust and tire. Expressions are evaluated in the order of the Python rules,
 * so that every field of every record comes out the same, to the last bit.
 *
 * Records come in and go out as numpy holds them; all else is as one would write it in C.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

enum { NEVER = -1, ROUNDS = 3 };
static const int64_t PARTS = 1 << 30;
enum { DRAFTED = 1, REVIEWED = 2, ARRIVAL = 6 };    /* in this order at the same millisecond */
enum { APPROVE, EDIT, REJECT };
enum { GATE = 3, GATE_BIT = 1 };

typedef struct { int first, last; } Line;    /* of visits, linked through Desk.next */
typedef struct { int64_t free; Line waiting; } Agent;
typedef struct {
    bool busy, flagged;
    int64_t since;    /* when they last stopped working */
    double expects, alpha, beta, tired;
    int64_t pulls;    /* in parts, which add up to the same in any order */
} Mind;

typedef struct {
    int64_t n;
    int n_workflows, n_people, bits;
    const Decision *decisions;
    const Visit *visits;
    const Workflow *workflows;
    const Person *people;
    const int64_t *ready;                /* sorted */
    Outcome nothing, *outcome;           /* one for each decision, from when it arises */
    Decided *decided;
    Judged *judged;
    WentOut *went_out;
    int64_t n_arrived, n_decided, n_judged, n_went_out;
    int64_t *heap, size;                 /* keys of drafts and reviews that will be done */
    int *next;
    Agent *agents;
    Line *queues;                        /* one for each workflow */
    int *by_priority;
    Mind *minds;
    int *seen;                           /* reviews of each person and workflow */
    int waiting, free;
    int64_t pulls;
    double peeking;
} Desk;

/* --- a heap of keys, and lines ----------------------------------------------------------------*/

static void push(int64_t *heap, int64_t size, int64_t key)
{
    int64_t at = size;
    while (at > 0 && heap[(at - 1) / 2] > key) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = key;
}

static int64_t pop(int64_t *heap, int64_t size)
{
    int64_t smallest = heap[0], end = size - 1, key = heap[end], at = 0, below;
    while ((below = 2 * at + 1) < end) {
        if (below + 1 < end && heap[below + 1] < heap[below])
            below++;
        if (heap[below] >= key)
            break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = key;
    return smallest;
}

static void will_happen(Desk *d, int64_t time, int kind, int64_t visit)
{
    push(d->heap, d->size++, (time << 3 | kind) << d->bits | visit);
}

static void append(Line *line, int *next, int visit)
{
    if (line->first == NEVER)
        line->first = visit;
    else
        next[line->last] = visit;
    line->last = visit;
    next[visit] = NEVER;
}

static int take_first(Line *line, const int *next)
{
    int visit = line->first;
    line->first = next[visit];
    return visit;
}

/* --- how people review ------------------------------------------------------------------------*/

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static double normal_cdf(double x) { return 0.5 * erfc(-x * sqrt(0.5)); }

static double leaning(double log_odds, double weight, double trust)
{
    log_odds += weight * (trust - 0.5);
    if (log_odds < -700.0)
        return 0.0;
    return log_odds == INFINITY ? 1.0 : 1.0 / (1.0 + exp(-log_odds));
}

static double trust(const Mind *m) { return m->alpha / (m->alpha + m->beta); }

static double reading(const Person *p, double trust, int waiting, int repeats)
{
    double log_odds = p->reads;
    if (p->by_queue != 0 && waiting)
        log_odds -= p->by_queue * log1p(waiting);
    if (p->by_repeats != 0 && repeats)
        log_odds -= p->by_repeats * log1p(repeats);
    return (1.0 - p->lapse) * leaning(log_odds, -p->by_trust, trust);
}

static double rested(const Person *p, const Mind *m, int64_t now)
{
    double pause = (now - m->since) / 60000.0;
    if (m->tired == 0 || pause == 0)
        return m->tired;
    return m->tired * exp(-0.6931471805599453 * pause / p->rests_in);
}

static double sensitivity(const Person *p, double pace, double tired)
{
    double fresh = 1.0;
    if (p->fatigue != 0 && tired != 0)
        fresh -= p->fatigue * (1.0 - exp(-tired / p->tires_in));
    if (pace == INFINITY)
        return p->d_prime * fresh;
    return p->d_prime * fresh * (1.0 - exp(-2.0 * pace)) / (1.0 - exp(-2.0));
}

static double criterion(const Person *p, double expects, double d_prime)
{
    if (p->prevalence == 0)
        return p->criterion;
    return p->criterion + p->prevalence * log((1.0 - expects) / expects) / fmax(d_prime, 0.05);
}

static double flag_chance(bool ok, double d_prime, double criterion, double follows)
{
    if (ok)
        return normal_cdf(-0.5 * d_prime - criterion);
    double hit = normal_cdf(0.5 * d_prime - criterion);
    return hit / (hit + follows * (1.0 - hit));
}

/* Begin a review: how long it takes. */
static int64_t review(Desk *d, int person, int visit, int64_t now)
{
    const Person *p = &d->people[person];
    const Visit *v = &d->visits[visit / ROUNDS];
    Mind *m = &d->minds[person];
    Outcome *o = &d->outcome[visit / ROUNDS];
    int *repeats = &d->seen[person * d->n_workflows + d->decisions[visit / ROUNDS].workflow];
    m->busy = true;
    d->free--;
    if (p->fatigue != 0)
        m->tired = rested(p, m, now);
    double chance = reading(p, trust(m), d->waiting, (*repeats)++);
    bool reads = v->u_inspect < chance;
    ALSO(o->inspected = reads);
    ALSO(o->bulk = false);
    if (!reads) {
        m->flagged = false;
        return larger(1, larger(p->skip, p->dwell));
    }
    int64_t took = larger(1, larger(p->dwell, (int64_t)(v->review / (p->speed * p->hurry))));
    double pace = p->speed_accuracy ? took * p->speed / v->review : INFINITY;
    double d_prime = sensitivity(p, pace, m->tired);
    double c = criterion(p, m->expects, d_prime);
    m->flagged = v->u_flag < flag_chance(o->ok, d_prime, c, p->follows);
    return took;
}

static void trusts(Desk *d, int person)
{
    const Person *p = &d->people[person];
    Mind *m = &d->minds[person];
    int64_t pulls = leaning(p->peeks, -p->peeks_by_trust, trust(m)) * PARTS;
    d->pulls += pulls - m->pulls;
    m->pulls = pulls;
    d->peeking = d->pulls / (double)(PARTS * d->n_people);
}

static void learns(Desk *d, int person, bool ok, double u_know)
{
    const Person *p = &d->people[person];
    Mind *m = &d->minds[person];
    bool error = u_know < p->feedback ? !ok : m->flagged;
    double expects = m->expects + ((error ? 1.0 : 0.0) - m->expects) / p->memory;
    m->expects = fmin(fmax(expects, 0.0005), 0.9995);
    if (error)
        m->beta += p->failure;
    else
        m->alpha += p->success;
    trusts(d, person);
}

/* --- events -----------------------------------------------------------------------------------*/

static void draft_next(Desk *d, Agent *agent, int64_t now)
{
    while (agent->free && agent->waiting.first != NEVER) {
        int visit = take_first(&agent->waiting, d->next);
        agent->free--;
        ALSO(d->outcome[visit / ROUNDS].drafting = now);
        will_happen(d, now + d->visits[visit / ROUNDS].draft, DRAFTED, visit);
    }
}

static void on_arrival(Desk *d, int visit, int64_t now)
{
    Agent *agent = &d->agents[d->workflows[d->decisions[visit / ROUNDS].workflow].agent];
    d->n_arrived++;
    d->outcome[visit / ROUNDS] = d->nothing;
    append(&agent->waiting, d->next, visit);
    draft_next(d, agent, now);
}

static void on_drafted(Desk *d, int visit, int64_t now)
{
    const Visit *v = &d->visits[visit / ROUNDS];
    Outcome *o = &d->outcome[visit / ROUNDS];
    int workflow = d->decisions[visit / ROUNDS].workflow;
    Agent *agent = &d->agents[d->workflows[workflow].agent];
    o->ok = v->u_ok < 1.0 / (1.0 + exp(-v->logit_ok));
    if (d->workflows[workflow].gated) {
        d->decided[d->n_decided++] = (Decided){visit, GATE};
        ALSO(o->route = GATE);
        ALSO(o->reasons = GATE_BIT);
        ALSO(o->inclusion = 1.0);
        ALSO(o->by_hand = false);
        ALSO(o->queued = now);
        append(&d->queues[workflow], d->next, visit);
        d->waiting++;
    }
    ALSO(o->drafted = now);
    ALSO(o->phase = 0);
    agent->free++;
    draft_next(d, agent, now);
}

static void on_reviewed(Desk *d, int visit, int64_t now)
{
    const Visit *v = &d->visits[visit / ROUNDS];
    const Workflow *w = &d->workflows[d->decisions[visit / ROUNDS].workflow];
    Outcome *o = &d->outcome[visit / ROUNDS];
    const Person *p = &d->people[o->person];
    Mind *m = &d->minds[o->person];
    o->ended = now;
    o->verdict = !m->flagged ? APPROVE : v->u_edit < p->edit_share ? EDIT : REJECT;
    d->judged[d->n_judged++] = (Judged){visit, GATE, NEVER, o->verdict};
    learns(d, o->person, o->ok, v->u_know);
    if (w->skip_after != NEVER && now - d->ready[visit / ROUNDS] > w->skip_after) {
        ALSO(o->skipped = true);
    } else if (o->verdict != REJECT) {
        ALSO(o->executed = now + w->execute);
        d->went_out[d->n_went_out++] =
            (WentOut){now + w->execute, visit, o->ok, o->verdict, false};
    }
    m->busy = false;
    if (p->fatigue != 0)
        m->tired += (now - o->started) / 60000.0;
    m->since = now;
    d->free++;
}

/* The first free person takes the next item, as long as there is one. */
static void dispatch(Desk *d, int64_t now)
{
    for (int person = 0; person < d->n_people && d->waiting && d->free; person++) {
        if (d->minds[person].busy)
            continue;
        int place = 0;
        while (d->queues[d->by_priority[place]].first == NEVER)
            place++;
        int visit = take_first(&d->queues[d->by_priority[place]], d->next);
        d->waiting--;
        d->outcome[visit / ROUNDS].person = person;
        d->outcome[visit / ROUNDS].started = now;
        will_happen(d, now + review(d, person, visit, now), REVIEWED, visit);
    }
}

/* Everything that happens before a time. */
void desk_run(Desk *d, int64_t until)
{
    int64_t end = (until << 3) << d->bits, visits = ((int64_t)1 << d->bits) - 1;
    for (;;) {
        int64_t key = INT64_MAX;
        if (d->n_arrived < d->n)
            key = (d->ready[d->n_arrived] << 3 | ARRIVAL) << d->bits | ROUNDS * d->n_arrived;
        bool under_way = d->size > 0 && d->heap[0] < key;
        if (under_way)
            key = d->heap[0];
        if (key >= end)
            return;
        if (under_way)
            pop(d->heap, d->size--);
        int64_t now = key >> (d->bits + 3);
        int kind = (key >> d->bits) & 7, visit = (int)(key & visits);
        if (kind == ARRIVAL) {
            on_arrival(d, visit, now);
            continue;
        }
        if (kind == DRAFTED)
            on_drafted(d, visit, now);
        else
            on_reviewed(d, visit, now);
        dispatch(d, now);
    }
}

/* --- from outside -----------------------------------------------------------------------------*/

Desk *desk_new(int64_t n, const Decision *decisions, const Visit *visits, const int64_t *ready,
               int n_workflows, const Workflow *workflows, int n_people, const Person *people,
               int n_agents, const int64_t *slots, int bits)
{
    Desk *d = malloc(sizeof *d);
    int64_t under_way = n_people;
    *d = (Desk){.n = n, .n_workflows = n_workflows, .n_people = n_people, .bits = bits,
                .decisions = decisions, .visits = visits, .workflows = workflows,
                .people = people, .ready = ready, .free = n_people};
    memset(&d->nothing, 0xFF, sizeof d->nothing);
    ALSO(d->nothing.inclusion = NEVER);
    d->outcome = malloc(n * sizeof(Outcome));
    d->decided = malloc(n * sizeof(Decided));
    d->judged = malloc(n * sizeof(Judged));
    d->went_out = malloc(n * sizeof(WentOut));
    d->next = malloc(n * ROUNDS * sizeof(int));
    d->agents = malloc(n_agents * sizeof(Agent));
    for (int i = 0; i < n_agents; i++) {
        d->agents[i] = (Agent){slots[i], {NEVER, NEVER}};
        under_way += slots[i] < n ? slots[i] : n;
    }
    d->heap = malloc(under_way * sizeof(int64_t));
    d->queues = malloc(n_workflows * sizeof(Line));
    d->by_priority = malloc(n_workflows * sizeof(int));
    for (int i = 0; i < n_workflows; i++) {
        int place = 0;
        for (int other = 0; other < n_workflows; other++)
            place += workflows[other].priority < workflows[i].priority;
        d->by_priority[place] = i;
        d->queues[i] = (Line){NEVER, NEVER};
    }
    d->seen = calloc((size_t)n_people * n_workflows, sizeof(int));
    d->minds = calloc(n_people, sizeof(Mind));
    for (int i = 0; i < n_people; i++) {
        d->minds[i].expects = people[i].expects;
        d->minds[i].alpha = people[i].alpha;
        d->minds[i].beta = people[i].beta;
    }
    for (int i = 0; i < n_people; i++)
        trusts(d, i);
    return d;
}

const Outcome *desk_outcome(const Desk *d) { return d->outcome; }

void desk_free(Desk *d)
{
    void *parts[] = {d->outcome, d->decided, d->judged, d->went_out, d->next, d->agents,
                     d->queues, d->by_priority, d->minds, d->seen, d->heap, d};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        free(parts[i]);
}

/* Sizes of the records, so that the caller can tell whether both sides mean the same. */
void desk_sizes(int64_t sizes[5])
{
    const int64_t own[] = {sizeof(Decision), sizeof(Visit), sizeof(Workflow), sizeof(Person),
                           sizeof(Outcome)};
    memcpy(sizes, own, sizeof own);
}
