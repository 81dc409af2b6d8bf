package outdir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzOwned: no manifest entry leads out of the folder.
func FuzzOwned(f *testing.F) {
	for _, s := range []string{"maps/a.png", "../x", "maps/../x", "results.json", "/maps/x", "maps", "maps//x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !owned(s) {
			return
		}
		top, rest, nested := strings.Cut(s, "/")
		if !slices.Contains(topNames, top) || nested && rest == "" || slices.Contains(strings.Split(s, "/"), "..") {
			t.Errorf("owned(%q)", s)
		}
	})
}

// output writes an output whose files say which one they are of.
func output(dir, which string, n int) error {
	o, err := Open(dir)
	if err != nil {
		return err
	}
	defer o.Close()
	files := []string{Results}
	for i := range n {
		name := fmt.Sprintf("%s/%03d.png", Maps, i)
		if err := o.Write(name, func(w io.Writer) error { _, err := io.WriteString(w, which); return err }); err != nil {
			return err
		}
		files = append(files, name)
	}
	err = o.Write(Results, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, `{"schema":"codegraph.results/1","which":%q,"files":["%s"]}`, which, strings.Join(files, `","`))
		return err
	})
	if err != nil {
		return err
	}
	return o.Publish(files, "")
}

// whole reports which output is in dir, or why what is there is none.
func whole(dir string) (which string, err error) {
	m, ok := manifestAt(filepath.Join(dir, Results))
	if !ok {
		return "", errors.New("no results")
	}
	found := 0
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == lockName {
			return err
		}
		found++
		if d.Name() == Results {
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if which != "" && which != string(b) {
			return fmt.Errorf("%s is of %s, others of %s", name, b, which)
		}
		which = string(b)
		return nil
	})
	if err == nil && found != len(m.Files) {
		err = fmt.Errorf("%d files, listed are %d", found, len(m.Files))
	}
	return which, err
}

// TestKilled: whenever a process is killed, the output of before or the new one
// is there, whole, and the next one leaves nothing of it behind.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("OUTDIR_TEST_WRITE"); dir != "" {
		fmt.Println("writing")
		for k := 0; ; k++ {
			if err := output(dir, fmt.Sprint("child ", k), 40); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	}
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "out")
	if err := output(dir, "first", 40); err != nil {
		t.Fatal(err)
	}
	if err := exchange(dir, filepath.Join(base, "none")); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("folders cannot be swapped here")
	}
	for k := range 12 {
		c := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
		c.Env = append(os.Environ(), "OUTDIR_TEST_WRITE="+dir)
		says, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err == nil { // until it begins
			_, err = says.Read(make([]byte, 1))
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(5+17*k) * time.Millisecond)
		c.Process.Kill()
		c.Wait()
		if which, err := whole(withoutStage(t, dir)); err != nil {
			t.Errorf("kill %d: %q, %v", k, which, err)
		}
	}
	if err := output(dir, "last", 3); err != nil {
		t.Fatal(err)
	}
	if which, err := whole(dir); err != nil || which != "last" {
		t.Errorf("%q, %v", which, err)
	}
	if entries, err := os.ReadDir(base); err != nil || len(entries) != 1 {
		t.Errorf("beside it: %v, %v", entries, err)
	}
}

// withoutStage copies dir without its unfinished folders.
func withoutStage(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), stagePrefix) {
			os.RemoveAll(filepath.Join(to, e.Name()))
		}
	}
	return to
}

// TestForeignFilesStay: what is not ours is never removed, nor moved.
func TestForeignFilesStay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	if err := output(dir, "a", 3); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.txt", "maps/mine.txt", "own/x.txt"} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := output(dir, "b", 2); err != nil {
		t.Fatal(err)
	}
	var got []string
	filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	if want := []string{"maps/000.png", "maps/001.png", "maps/mine.txt", "notes.txt", "own/x.txt", "results.json"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestLock: the second process is told who holds the folder; the same one may
// hold it twice.
func TestLock(t *testing.T) {
	if dir := os.Getenv("OUTDIR_TEST_LOCK"); dir != "" {
		if _, err := Lock(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("locked")
		bufio.NewReader(os.Stdin).ReadString('\n')
		os.Exit(0)
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	c := exec.Command(os.Args[0], "-test.run", "^TestLock$")
	c.Env = append(os.Environ(), "OUTDIR_TEST_LOCK="+dir)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatal(line, err)
	}
	_, err = Open(dir)
	if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", c.Process.Pid)) {
		t.Errorf("a second process: %v", err)
	}
	c.Process.Kill()
	in.Close()
	c.Wait()
	release, err := Lock(dir)
	if err != nil {
		t.Fatalf("after the first was killed: %v", err)
	}
	if err := output(dir, "a", 1); err != nil {
		t.Errorf("held by the same process: %v", err)
	}
	release()
	if which, err := whole(dir); err != nil || which != "a" {
		t.Errorf("%q, %v", which, err)
	}
	if _, err := os.Stat(filepath.Join(dir, lockName)); err == nil {
		t.Error("the lock stays")
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for in, refused := range map[string]bool{
		"input/a.png": true, "maps/a.png": true, "report.html": true, "photos/a.png": false, "a.png": false, "../a.png": false, "mapsx/a.png": false,
	} {
		if err := Guard(dir, []string{filepath.Join(dir, filepath.FromSlash(in))}); (err != nil) != refused {
			t.Errorf("%s: %v", in, err)
		}
	}
}
