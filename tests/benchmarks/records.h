/*
 * What goes into a desk and comes out of it, as numpy holds it: what goes in without gaps between
 * fields, what comes out as C lays it out itself.
 *
 * With -DFEW_FIELDS no more is recorded of a visit than what a queue needs.
 */
#include <stdbool.h>
#include <stdint.h>

#ifdef FEW_FIELDS
#define ALSO(assignment)
#else
#define ALSO(assignment) assignment    /* of a field that is not always recorded */
#endif

#pragma pack(push, 1)
typedef struct {
    int64_t arrival;
    int64_t workflow;
    double deal_size;
    int64_t signals;
    double u_audit, u_look, u_peek, u_uptake, u_hand;
    int64_t by_hand;
    double u_surface;
    int64_t surface_after;
} Decision;

/* of the first drafts: the other rounds come after them */
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

typedef struct {
#ifdef FEW_FIELDS
    int64_t started, ended;
    int32_t person;
    int8_t ok, verdict;
#else
    int64_t drafting, drafted, queued, escalated, started, ended, executed, reasons;
    double inclusion;
    int32_t person;
    int16_t phase;
    int8_t ok, route, look, inspected, bulk, by_hand, verdict, skipped;
#endif
} Outcome;

/* the journal */
typedef struct { int32_t visit; int8_t route; } Decided;
typedef struct { int32_t visit; int8_t route, look, verdict; } Judged;
typedef struct { int64_t executed; int32_t visit; int8_t ok, verdict, by_hand; } WentOut;
