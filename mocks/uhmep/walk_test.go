package uhmep

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/sample"
	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"
)

// Whoever does whatever in whatever order: no answer is a 500, and documents,
// versions and indexes agree afterwards.
func TestARandomWalkKeepsTheStoreConsistent(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		b := open(t, false)
		r := rand.New(rand.NewPCG(seed, 7))
		w := &walker{bench: b, r: r}
		counts := map[int]int{}
		for range 250 {
			a := w.step()
			if a == nil {
				continue
			}
			counts[a.Code]++
			if a.Code >= 500 {
				t.Fatalf("seed %d: %d %s", seed, a.Code, a.Body)
			}
		}
		if counts[200]+counts[201] < 25 || counts[409]+counts[403]+counts[404] < 10 {
			t.Errorf("seed %d: the walk is too tame: %v", seed, counts)
		}
		b.consistent()
	}
}

type walker struct {
	*bench
	r     *rand.Rand
	docs  []string
	tasks []string
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// step is one random call; nil when there was nothing to act on.
func (w *walker) step() *answer {
	individuals := []string{"dr-peeters", "nurse-claes", "midwife-before", "dentist", "pat-dubois", "pat-young", "dr-suspended"}
	everybody := append([]string{"hospital", "groupofnurses", "homecareservices", "medicalhouse"}, individuals...)
	owners := []string{"nurse-claes", "midwife-before", "dr-peeters", "dentist", "groupofnurses", "medicalhouse", "nurse-claes@groupofnurses"}
	now := w.t.Clock.Now()
	kind := w.r.IntN(16)
	if len(w.docs) == 0 || kind < 2 {
		template, by := pick(w.r, sample.Templates()), "dr-peeters"
		if template == sample.Annex81 {
			by = "nurse-claes"
		}
		start := now.AddDate(0, 0, w.r.IntN(6)-2)
		a := w.call(by, "POST", "/ServiceRequest", w.request(template, by, func(o *sample.Options) {
			o.Start, o.End = start.Format(time.DateOnly), start.AddDate(0, 0, 3+w.r.IntN(20)).Format(time.DateOnly)
		}))
		if a.Code == 201 {
			w.docs = append(w.docs, a.id())
		}
		return a
	}
	doc := pick(w.r, w.docs[max(0, len(w.docs)-6):])
	switch kind {
	case 2:
		w.t.Clock.Advance(time.Duration(w.r.IntN(72)) * time.Hour)
		return nil
	case 3:
		return w.call(pick(w.r, everybody), "PATCH", "/ServiceRequest/"+doc, cancelPatch())
	case 4:
		return w.call(pick(w.r, []string{"dr-peeters", "dentist", "nurse-claes"}), "POST", "/ServiceRequest/"+doc+"/"+pick(w.r, []string{"$approve", "$reject"}), nil)
	case 5:
		return w.call(pick(w.r, everybody), "PATCH", "/Task/"+doc, sample.Patch(sample.SetStatus("Task", "completed")))
	case 6, 7, 8:
		body := w.task(doc, pick(w.r, owners))
		if w.r.IntN(4) == 0 {
			body["status"], body["executionPeriod"] = "in-progress", tree.Object{"start": longDate(now)}
		}
		a := w.call(pick(w.r, everybody), "POST", "/Task", body)
		if a.Code == 201 {
			w.tasks = append(w.tasks, a.id())
		}
		return a
	}
	if len(w.tasks) == 0 {
		return nil
	}
	task := pick(w.r, w.tasks[max(0, len(w.tasks)-8):])
	who := pick(w.r, []string{"nurse-claes", "nurse-claes", "midwife-before", "dentist", "dr-peeters", "groupofnurses", "pat-dubois"})
	switch kind {
	case 9:
		return w.call(who, "DELETE", "/Task/"+task, nil)
	case 10, 11:
		return w.call(who, "PATCH", "/Task/"+task, sample.Patch(sample.StartAt(longDate(now))))
	case 12, 13:
		return w.call(who, "PATCH", "/Task/"+task, sample.Patch(sample.FinishAt(longDate(now))))
	case 14:
		if w.r.IntN(10) == 0 {
			if err := w.s.Suspended(w.t, "71011599751", now.Add(time.Duration(w.r.IntN(48))*time.Hour)); err != nil {
				w.Fatal(err)
			}
			return nil
		}
		return w.call(who, "PATCH", "/Task/"+task, sample.Patch(sample.SetStatus("Task", pick(w.r, []string{"on-hold", "cancelled", "accepted"}))))
	default:
		return w.call(who, "PATCH", "/Task/"+task, sample.Patch(pick(w.r, [][]tree.Object{sample.Substitute("32962002"), sample.Refuse("other")})...))
	}
}
