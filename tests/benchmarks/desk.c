/*
 * The desk in plain C: what the compiled engine is measured against.
 *
 * It is the model of hitlsim's engines, restricted to what one world exercises: every decision
 * passes a gate, one pool of people is always there, and nothing is escalated, redrafted or looked
 * at again. Decisions arise, wait for a drafting slot, are routed, wait in the queue of their
 * workflow (all differ in priority), and are reviewed by people who read or do not, see more or
 * less, learn, trust and tire. Expressions are evaluated in the order of the Python rules, so that
 * results are equal to the last bit.
 *
 * Records come in as numpy holds them, without gaps between fields; the rest is as one would write
 * it in C. At the end stands a loop that does nothing but the queue.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NEVER = -1, ROUNDS = 3 };
enum { DRAFTED = 1, REVIEWED = 2, ARRIVAL = 6 };    /* kinds of events, as they happen at once */
enum { APPROVE, EDIT, REJECT };

/* --- as given ---------------------------------------------------------------------------------*/

#pragma pack(push, 1)
typedef struct {
    int64_t arrival;
    int32_t workflow;
    double deal_size;
    int64_t signals;
    double u_audit, u_look, u_peek, u_uptake, u_hand;
    int64_t by_hand;
    double u_surface;
    int64_t surface_after;
} Decision;

typedef struct {
    double confidence, logit_ok, u_ok;
    int64_t draft, review;
    double u_inspect, u_flag, u_edit, u_know;
} Visit;

typedef struct {
    int32_t agent, queue, pool, backup_queue;
    bool gated, optional;
    int32_t redrafts, priority;
    int64_t escalate_after, skip_after, execute;
} Workflow;

typedef struct {
    int32_t pool;
    double d_prime, criterion, edit_share, speed, hurry;
    int64_t dwell, skip;
    bool speed_accuracy;
    double prevalence, memory, expects, feedback, follows, reads, lapse, by_trust, by_queue;
    double by_repeats, fatigue, tires_in, rests_in, success, failure, alpha, beta;
    double peeks, peeks_by_trust, uses, uses_by_trust;
} Person;
#pragma pack(pop)

/* --- what changes -----------------------------------------------------------------------------*/

typedef struct {
    int64_t started, ended;
    int32_t person;
    int8_t ok, verdict;
} Result;

typedef struct {
    int first, last;
} Line;    /* of visits, linked through Desk.next */

typedef struct {
    int64_t free;
    Line waiting;
} Agent;

typedef struct {
    bool busy, flagged;
    int64_t since;    /* when they last stopped working */
    double expects, alpha, beta, tired, pulls;
} Mind;

typedef struct {
    int64_t n;
    int n_workflows, n_people, bits;
    const Decision *decisions;
    const Visit *visits;
    const Workflow *workflows;
    const Person *people;
    const int64_t *ready;    /* sorted */

    Result *results;
    int *decided, *judged, *went_out;    /* the journal */
    int64_t n_arrived, n_decided, n_judged, n_went_out;

    int64_t *heap;    /* keys of drafts and reviews that will be done */
    int64_t size;
    int *next;
    Agent *agents;
    Line *queues;    /* one for each workflow */
    int *by_priority;
    Mind *minds;
    int *seen;    /* reviews of each person and workflow */
    int waiting, free;
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

static double normal_cdf(double x) { return 0.5 * erfc(-x * sqrt(0.5)); }

static double sigmoid(double log_odds)
{
    if (log_odds < -700.0)
        return 0.0;
    if (log_odds == INFINITY)
        return 1.0;
    return 1.0 / (1.0 + exp(-log_odds));
}

static double leaning(double log_odds, double weight, double trust)
{
    return sigmoid(log_odds + weight * (trust - 0.5));
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

static double tired_at(const Person *p, const Mind *m, int64_t now)
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

static double criterion(const Person *p, const Mind *m, double d_prime)
{
    if (p->prevalence == 0)
        return p->criterion;
    return p->criterion + p->prevalence * log((1.0 - m->expects) / m->expects) / fmax(d_prime, 0.05);
}

static double flag_chance(bool ok, double d_prime, double criterion, double follows)
{
    if (ok)
        return normal_cdf(-0.5 * d_prime - criterion);
    double hit = normal_cdf(0.5 * d_prime - criterion);
    return hit / (hit + follows * (1.0 - hit));
}

/* Begin a review: how long it takes. */
static int64_t review(Desk *d, int person, const Visit *v, int workflow, bool ok, int64_t now)
{
    const Person *p = &d->people[person];
    Mind *m = &d->minds[person];
    double chance = reading(p, trust(m), d->waiting, d->seen[person * d->n_workflows + workflow]++);
    m->busy = true;
    d->free--;
    if (v->u_inspect >= chance) {
        int64_t took = p->skip > p->dwell ? p->skip : p->dwell;
        m->flagged = false;
        return took > 1 ? took : 1;
    }
    int64_t took = (int64_t)(v->review / (p->speed * p->hurry));
    took = took > p->dwell ? took : p->dwell;
    took = took > 1 ? took : 1;
    double pace = p->speed_accuracy ? took * p->speed / v->review : INFINITY;
    double d_prime = sensitivity(p, pace, tired_at(p, m, now));
    m->flagged = v->u_flag < flag_chance(ok, d_prime, criterion(p, m, d_prime), p->follows);
    return took;
}

static void trusts(Desk *d, int person)
{
    const Person *p = &d->people[person];
    Mind *m = &d->minds[person];
    m->pulls = leaning(p->peeks, -p->peeks_by_trust, trust(m));
    double total = 0.0;
    for (int i = 0; i < d->n_people; i++)
        total += d->minds[i].pulls;
    d->peeking = total / d->n_people;
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
        will_happen(d, now + d->visits[visit].draft, DRAFTED, visit);
    }
}

static void on_arrival(Desk *d, int visit, int64_t now)
{
    Agent *agent = &d->agents[d->workflows[d->decisions[visit / ROUNDS].workflow].agent];
    append(&agent->waiting, d->next, visit);
    draft_next(d, agent, now);
}

static void on_drafted(Desk *d, int visit, int64_t now)
{
    const Visit *v = &d->visits[visit];
    int workflow = d->decisions[visit / ROUNDS].workflow;
    Agent *agent = &d->agents[d->workflows[workflow].agent];
    d->results[visit].ok = v->u_ok < 1.0 / (1.0 + exp(-v->logit_ok));
    d->decided[d->n_decided++] = visit;
    if (d->workflows[workflow].gated) {
        append(&d->queues[workflow], d->next, visit);
        d->waiting++;
    }
    agent->free++;
    draft_next(d, agent, now);
}

static void on_reviewed(Desk *d, int visit, int64_t now)
{
    const Visit *v = &d->visits[visit];
    Result *r = &d->results[visit];
    const Person *p = &d->people[r->person];
    Mind *m = &d->minds[r->person];
    r->ended = now;
    r->verdict = !m->flagged ? APPROVE : v->u_edit < p->edit_share ? EDIT : REJECT;
    d->judged[d->n_judged++] = visit;
    learns(d, r->person, r->ok, v->u_know);
    int64_t skip_after = d->workflows[d->decisions[visit / ROUNDS].workflow].skip_after;
    bool too_late = skip_after != NEVER && now - d->ready[visit / ROUNDS] > skip_after;
    if (r->verdict != REJECT && !too_late)
        d->went_out[d->n_went_out++] = visit;
    m->busy = false;
    m->tired = tired_at(p, m, r->started) + (now - r->started) / 60000.0;
    m->since = now;
    d->free++;
}

static int most_urgent(Desk *d)
{
    for (int i = 0; i < d->n_workflows; i++) {
        Line *queue = &d->queues[d->by_priority[i]];
        if (queue->first != NEVER)
            return take_first(queue, d->next);
    }
    return NEVER;
}

static void dispatch(Desk *d, int64_t now)
{
    for (int person = 0; person < d->n_people && d->waiting && d->free; person++) {
        if (d->minds[person].busy)
            continue;
        int visit = most_urgent(d);
        Result *r = &d->results[visit];
        d->waiting--;
        r->person = person;
        r->started = now;
        int workflow = d->decisions[visit / ROUNDS].workflow;
        int64_t took = review(d, person, &d->visits[visit], workflow, r->ok, now);
        will_happen(d, now + took, REVIEWED, visit);
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
            d->n_arrived++;
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

static void *nothing(int64_t n, size_t size)    /* NEVER in every whole number */
{
    return memset(malloc(n * size), 0xFF, n * size);
}

Desk *desk_new(int64_t n, const Decision *decisions, const Visit *visits, const int64_t *ready,
               int n_workflows, const Workflow *workflows, int n_people, const Person *people,
               int n_agents, const int64_t *slots, int bits)
{
    Desk *d = calloc(1, sizeof *d);
    int64_t under_way = n_people;
    *d = (Desk){.n = n, .n_workflows = n_workflows, .n_people = n_people, .bits = bits,
                .decisions = decisions, .visits = visits, .workflows = workflows,
                .people = people, .ready = ready, .free = n_people};
    d->results = nothing(n * ROUNDS, sizeof *d->results);
    d->decided = malloc(n * sizeof *d->decided);
    d->judged = malloc(n * ROUNDS * sizeof *d->judged);
    d->went_out = malloc(n * sizeof *d->went_out);
    d->next = nothing(n * ROUNDS, sizeof *d->next);
    d->agents = nothing(n_agents, sizeof *d->agents);
    d->queues = nothing(n_workflows, sizeof *d->queues);
    d->by_priority = malloc(n_workflows * sizeof *d->by_priority);
    d->minds = calloc(n_people, sizeof *d->minds);
    d->seen = calloc((size_t)n_people * n_workflows, sizeof *d->seen);
    for (int i = 0; i < n_agents; i++) {
        d->agents[i].free = slots[i];
        under_way += slots[i] < n ? slots[i] : n;
    }
    d->heap = malloc(under_way * sizeof *d->heap);
    for (int i = 0; i < n_workflows; i++) {
        int place = 0;
        for (int other = 0; other < n_workflows; other++)
            place += workflows[other].priority < workflows[i].priority;
        d->by_priority[place] = i;
    }
    for (int i = 0; i < n_people; i++) {
        const Person *p = &people[i];
        d->minds[i] = (Mind){.expects = p->expects, .alpha = p->alpha, .beta = p->beta};
    }
    for (int i = 0; i < n_people; i++)
        trusts(d, i);
    return d;
}

const Result *desk_results(const Desk *d) { return d->results; }

void desk_free(Desk *d)
{
    void *parts[] = {d->results, d->decided, d->judged, d->went_out, d->next, d->agents,
                     d->queues, d->by_priority, d->minds, d->seen, d->heap, d};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        free(parts[i]);
}

/* Sizes of the records, so that the caller can tell whether both sides mean the same. */
void desk_sizes(int64_t *sizes)
{
    const int64_t own[] = {sizeof(Decision), sizeof(Visit), sizeof(Workflow), sizeof(Person),
                           sizeof(Result)};
    memcpy(sizes, own, sizeof own);
}

/* --- only the queue, no model: several servers, two priorities (0 first) -----------------------*/

void queue_only(int64_t n, const int64_t *queued, const int64_t *service, const int8_t *low,
                int servers, int64_t *started)
{
    int *next = malloc(n * sizeof *next);
    int64_t *ends = malloc(servers * sizeof *ends), arrived = 0;
    int busy = 0;
    Line lines[2] = {{NEVER, NEVER}, {NEVER, NEVER}};
    while (arrived < n || busy) {
        int64_t now;
        if (arrived < n && (!busy || queued[arrived] <= ends[0])) {
            now = queued[arrived];
            append(&lines[low[arrived]], next, (int)arrived);
            arrived++;
        } else {
            now = pop(ends, busy--);
        }
        while (busy < servers && (lines[0].first != NEVER || lines[1].first != NEVER)) {
            int customer = take_first(&lines[lines[0].first == NEVER], next);
            started[customer] = now;
            push(ends, busy++, now + service[customer]);
        }
    }
    free(next);
    free(ends);
}
