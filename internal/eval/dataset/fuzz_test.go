package dataset

import (
	"image"
	"testing"

	"codegraph/imageset"
)

func FuzzVisA(f *testing.F) {
	f.Add([]byte(visaHeader + "nut,test,normal,nut/a.JPG,\n"))
	f.Add([]byte("\xef\xbb\xbfmask,image,label,split,object\r\n,\"a\"\"b\",normal,test,nut\r\n\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, problems, err := parseVisA(data)
		if err != nil && len(rows)+len(problems) > 0 {
			t.Fatal("rows beside an error")
		}
		for _, r := range rows {
			if r.object == "" || r.split == "" || r.label == "" || r.image == "" || r.line < 2 {
				t.Fatalf("incomplete row %+v", r)
			}
		}
	})
}

func FuzzRealIAD(f *testing.F) {
	f.Add([]byte(`{"meta":{"prefix":"toy/","normal_class":"OK"},"test":[{"anomaly_class":"AK","image_path":"a.jpg","mask_path":null}]}`))
	f.Add([]byte(`{"test":[7,{},null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parseRealIAD(data)
		if err != nil {
			return
		}
		for i := range l.Test {
			if e, err := l.entry(i); err == nil && (e.Image == "" || e.Class == "") {
				t.Fatalf("incomplete entry %+v", e)
			}
		}
	})
}

func FuzzDefects(f *testing.F) {
	f.Add([]byte(`[{"defect_name":"missing","pixel_value":255,"saturation_threshold":0.5,"relative_saturation":true}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		defects, err := parseDefects(data)
		for _, d := range defects {
			if err != nil || d.PixelValue < 1 || d.PixelValue > 255 {
				t.Fatalf("%+v, %v", d, err)
			}
		}
	})
}

// FuzzListed: no list leads out of its dataset.
func FuzzListed(f *testing.F) {
	root := tree{"in/a.png": picture, "out.png": picture}.write(f)
	for _, name := range []string{"a.png", "./a.png", "../out.png", "/etc/passwd", "a/../../out.png", "", "."} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if p, err := listed(root+"/in", name); err == nil && baseName(parent(p)) != "in" {
			t.Fatalf("%q gives %s", name, p)
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, data := range [][]byte{marked, pngOf(image.NewGray16(image.Rect(0, 0, 3, 2))), bmpOf(grey(1, 2, 3)), bmpOf(image.NewRGBA(image.Rect(0, 0, 3, 2)))} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeMask(data, imageset.Limits{MaxPixels: 1 << 16})
		if (err == nil) == (m == nil) {
			t.Fatalf("mask %v, error %v", m, err)
		}
		if err == nil && (len(m.on) != m.w*m.h || len(m.on) == 0 || len(m.on) > 1<<16) {
			t.Fatalf("%d × %d pixels, %d marks", m.w, m.h, len(m.on))
		}
	})
}
