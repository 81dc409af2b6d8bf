package snapshot

import (
	"testing"

	"codegraph/internal/pipeline"
	"codegraph/internal/token"
)

// TestJoinGroups: queries join the families of the scan, those of references
// alone, too; a family of the snapshot that nobody has yet is there.
func TestJoinGroups(t *testing.T) {
	t.Parallel()
	s := &Snapshot{about: about{Families: []family{{ID: "F1", Gain: 2}, {ID: "F3", Gain: 3}}}, tokens: token.NewStore(1, 1, 2, 2, nil)}
	a := &answers{members: [][]pipeline.GroupMember{{{Item: 1, Patches: []int{0, 3}}}, nil}}
	groups := []pipeline.Group{
		{ID: "F1", Area: 0.25, Members: []pipeline.GroupMember{{Item: 7, Patches: []int{2}}}}, // a reference
		{ID: "F2", Members: []pipeline.GroupMember{{Item: 5}}},
	}
	got := s.joinGroups(groups, a)
	if len(got) != 3 || len(got[0].Members) != 2 || got[0].Members[1].Item != 1 || got[0].Area != (0.25+0.5)/2 || len(got[1].Members) != 1 || got[2].ID != "F3" || got[2].Status != pipeline.StatusDefect {
		t.Errorf("%+v", got)
	}
	if len(groups[0].Members) != 1 {
		t.Error("the groups of the scan were changed")
	}
}
