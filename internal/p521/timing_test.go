package p521

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNoBranchOrIndexOnSecrets reads the source of everything Mult and the scalars'
// arithmetic run through, and accepts no condition, loop bound, index, division or
// logical operator but those listed here. All of these depend on loop counters, lengths
// and constants only. A new one turns this test red: whoever adds it says here that it is public.
func TestNoBranchOrIndexOnSecrets(t *testing.T) {
	t.Parallel()
	public := map[string][]string{
		"condition": {
			"withT",                                                           // double: a constant at every call
			"i==0", "i>0", "i>=0", "i<8", "i<entries", "i<len(x)", "i<len(z)", // loop counters
			"at%64>64-window&&at/64<8", // digit: the position, not the value
			"len(b)>0", "err!=nil",     // ParseScalar and RandomScalar: what was read
			"!s.IsZero()", // RandomScalar: 0 is thrown away
		},
		"index": {
			"i", "j", "i-1", "i+1", // loop counters
			"entries-1", "at/64", "at/64+1", // positions
			":", ":8", ":9", "1:", // constant slices
			":head", "head:", "64-8*i:", "size-8*(i+1):", "72-len(b):", // encoding: counters and lengths
		},
		"division": {"at/64", "at%64", "(len(b)-1)%64"},
		"bool":     {"at%64>64-window&&at/64<8"},
	}
	// Written for both ends of a comparison or for a yes or no the caller asked for.
	verdicts := []string{"isZero", "equal", "isOdd", "setWords", "setBytes", "IsZero", "Equal"}
	files := token.NewFileSet()
	text := func(n ast.Node) string {
		var s strings.Builder
		if err := printer.Fprint(&s, files, n); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(s.String(), " ", "")
	}
	seen := 0
	accept := func(kind, what string, at ast.Node) {
		seen++
		if !slices.Contains(public[kind], what) {
			t.Errorf("%s: %s %q is not listed as public", files.Position(at.Pos()), kind, what)
		}
	}
	for _, name := range []string{"curve.go", "divstep.go", "element.go", "generated.go", "invert.go", "multiply.go", "scalar.go", "table.go", "words.go"} {
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.IfStmt:
					accept("condition", text(n.Cond), n)
				case *ast.ForStmt:
					if n.Cond != nil {
						accept("condition", text(n.Cond), n)
					}
				case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.GoStmt, *ast.DeferStmt:
					t.Errorf("%s: statement without a place here", files.Position(n.Pos()))
				case *ast.IndexExpr:
					if _, constant := n.Index.(*ast.BasicLit); !constant {
						accept("index", text(n.Index), n)
					}
				case *ast.SliceExpr:
					bounds := ":"
					if n.Low != nil {
						bounds = text(n.Low) + bounds
					}
					if n.High != nil {
						bounds += text(n.High)
					}
					accept("index", bounds, n)
				case *ast.BinaryExpr:
					switch n.Op {
					case token.QUO, token.REM:
						accept("division", text(n), n)
					case token.LAND, token.LOR:
						accept("bool", text(n), n)
					case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
						// a comparison outside a condition listed above makes a bool
						if s := text(n); !slices.ContainsFunc(public["condition"], func(p string) bool { return strings.Contains(p, s) }) &&
							!slices.Contains(verdicts, fn.Name.Name) {
							t.Errorf("%s: comparison %q", files.Position(n.Pos()), s)
						}
					default: // arithmetic
					}
				}
				return true
			})
		}
	}
	if seen < 80 {
		t.Errorf("only %d places looked at: are the files still the right ones?", seen)
	}
}

// TestMultTiming compares, in the manner of dudect (Reparaz, Balasch, Verbauwhede 2016),
// the time Mult takes for one fixed scalar and for random ones, in random order, by Welch's
// t-test on the faster nine tenths. A leak makes |t| grow with the number of measurements;
// without one it stays below 5.
func TestMultTiming(t *testing.T) {
	if os.Getenv("P521_TIMING") == "" {
		t.Skip("takes half a minute and a quiet machine: run it with P521_TIMING=1")
	}
	n := groupOrder()
	half := new(big.Int).Rsh(n, 1)
	for _, tc := range []struct {
		name  string
		fixed []byte
	}{
		{"1", []byte{1}},
		{"2", []byte{2}},
		{"n − 1", new(big.Int).Sub(n, big.NewInt(1)).Bytes()},
		{"n − 18", new(big.Int).Sub(n, big.NewInt(18)).Bytes()},
		{"n/2", half.Bytes()},
		{"2^520", new(big.Int).Lsh(big.NewInt(1), 520).Bytes()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const rounds = 12000
			p := Generator()
			random := make([]Scalar, rounds)
			for i := range random {
				random[i] = ParseScalar(randomBelow(t, n))
			}
			fixed := ParseScalar(tc.fixed)
			var times [2][]float64
			for i := range rounds {
				class := rand.IntN(2)
				s := random[i] // read in both cases, so that the cache is alike
				if class == 0 {
					s = fixed
				}
				start := time.Now()
				if _, err := p.Mult(s); err != nil {
					t.Fatal(err)
				}
				times[class] = append(times[class], float64(time.Since(start)))
			}
			m0, v0 := meanOfFastest(times[0])
			m1, v1 := meanOfFastest(times[1])
			score := (m0 - m1) / math.Sqrt(v0+v1)
			t.Logf("fixed %.1f µs, random %.1f µs, t = %.2f", m0/1e3, m1/1e3, score)
			if math.Abs(score) > 10 {
				t.Errorf("t = %.2f: the scalar shows in the time", score)
			}
		})
	}
}

// meanOfFastest returns the mean of the fastest 90 % and the variance of that mean.
func meanOfFastest(times []float64) (mean, variance float64) {
	slices.Sort(times)
	times = times[:len(times)*9/10]
	for _, v := range times {
		mean += v
	}
	mean /= float64(len(times))
	for _, v := range times {
		variance += (v - mean) * (v - mean)
	}
	count := float64(len(times))
	return mean, variance / (count - 1) / count
}
