package records

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ehealth-sandbox/sandbox/mocks/uhmep/workflow"
)

// Summary is the value of an index entry: enough of a document to decide who
// may see it and whether it matches a filter, without loading it.
type Summary struct {
	workflow.Document           // ID, Intent, Family, Template, Requester, Patient, Status, Executed, To and the Tasks' owner and status
	Referral          string    // status of the referral Task
	Code              string    // system|code of ServiceRequest.code
	Authored          time.Time // authoredOn
	Updated           time.Time // of the ServiceRequest
	Short             string
}

// encode writes the summary in one line of tab separated fields; none of them
// can hold a tab, for all come from checked codes and references.
func (s Summary) encode() []byte {
	var tasks strings.Builder
	for _, list := range [][]workflow.Task{s.Tasks, s.Orgs} {
		for _, t := range list {
			if t.Status != workflow.TaskDeleted {
				tasks.WriteString(string(t.Status) + "=" + t.Owner + ";")
			}
		}
	}
	executed := "0"
	if s.Executed {
		executed = "1"
	}
	return []byte(strings.Join([]string{
		s.ID, string(s.Status), executed, string(s.Intent), string(s.Family), s.Template, s.Requester, s.Patient,
		string(s.To), s.Referral, s.Code, strconv.FormatInt(s.Authored.UnixMilli(), 10), strconv.FormatInt(s.Updated.UnixMilli(), 10),
		s.Short, tasks.String(),
	}, "\t"))
}

// DecodeSummary reads the value of an index entry.
func DecodeSummary(raw []byte) (Summary, error) {
	f := strings.Split(string(raw), "\t")
	if len(f) != 15 {
		return Summary{}, fmt.Errorf("index entry: %d fields", len(f))
	}
	var s Summary
	s.ID, s.Status, s.Executed = f[0], workflow.Status(f[1]), f[2] == "1"
	s.Intent, s.Family, s.Template = workflow.Intent(f[3]), workflow.Family(f[4]), f[5]
	s.Requester, s.Patient, s.To = f[6], f[7], workflow.Day(f[8])
	s.Referral, s.Code, s.Short = f[9], f[10], f[13]
	s.Authored, s.Updated = milli(f[11]), milli(f[12])
	for part := range strings.SplitSeq(f[14], ";") {
		status, owner, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		t := workflow.Task{Owner: owner, Status: workflow.TaskStatus(status)}
		if strings.HasPrefix(owner, "Organization/") {
			s.Orgs = append(s.Orgs, t)
		} else {
			s.Tasks = append(s.Tasks, t)
		}
	}
	return s, nil
}

func milli(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}
