using CsCheck;

namespace Caliper.Imaging.Tests;

public class ResizeParityTests
{
    /// <summary>The stored images are what Pillow's bilinear resize and torchvision's centre crop made of the sources.</summary>
    [Theory]
    [InlineData(256, 224)]
    [InlineData(96, 88)]
    public void Resize_and_crop_equal_pillow_to_the_bit(int shortSide, int crop)
    {
        var preprocessing = new Preprocessing { ShortSide = shortSide, Crop = new(crop), Scale = 1 };
        for (var i = 0; i < 5; i++)
        {
            var (source, target) = ($"{i}.source.png", $"{i}.resize{shortSide}.crop{crop}.png");
            var expected = Images.Levels(SharedFolder.Path("data", "resize-parity", target), new() { Scale = 1 });
            Assert.Equal(3 * crop * crop, expected.Length);
            Assert.Equal(expected, Images.Levels(SharedFolder.Path("data", "resize-parity", source), preprocessing));
        }
    }

    /// <summary>The theory in double precision, rounded to 8 bits after each pass as Pillow does; a level apart is the
    /// fixed point's rounding.</summary>
    [Fact]
    public void The_fixed_point_resize_stays_within_a_level_of_the_theory() =>
        Gen.Int[1, 40].Array[4].SelectMany(sides => Gen.Int[0, 1 << 20].Select(seed => (sides, seed))).Sample(t =>
        {
            var (w, h, rw, rh, seed) = (t.sides[0], t.sides[1], t.sides[2], t.sides[3], t.seed);
            using var source = Images.Random(new(w, h), seed);
            var (left, top) = (rw / 3, rh / 4);
            var window = new ImageSize(rw - 2 * left, rh - 2 * top);
            using var result = BilinearResize.Resize(source, new Geometry(new(rw, rh), left, top, window));
            for (var y = 0; y < window.Height; y++)
            {
                for (var b = 0; b < window.Width * 4; b++)
                {
                    var expected = Theory(source, new(rw, rh), left + b / 4, top + y, b % 4);
                    Assert.InRange(result.Row(y)[b] - expected, -1, 1);
                }
            }
        }, iter: 60);

    private static double Theory(PixelBuffer source, ImageSize resized, int x, int y, int channel)
    {
        var sum = 0.0;
        foreach (var (sy, wy) in Triangle(source.Size.Height, resized.Height, y))
        {
            var row = 0.0;
            foreach (var (sx, wx) in Triangle(source.Size.Width, resized.Width, x)) row += wx * source.Row(sy)[sx * 4 + channel];
            sum += wy * Math.Floor(row + 0.5);
        }
        return Math.Floor(sum + 0.5);
    }

    private static IEnumerable<(int Index, double Weight)> Triangle(int input, int output, int at)
    {
        var scale = (double)input / output;
        var support = Math.Max(scale, 1);
        var weights = Enumerable.Range(0, input)
            .Select(i => (Index: i, Weight: Math.Max(0, 1 - Math.Abs(i + 0.5 - (at + 0.5) * scale) / support))).ToList();
        var total = weights.Sum(w => w.Weight);
        return weights.Where(w => w.Weight > 0).Select(w => (w.Index, w.Weight / total));
    }

    [Fact]
    public void A_resize_to_the_same_size_changes_nothing()
    {
        using var source = Images.Random(new(13, 7), 1);
        using var result = BilinearResize.Resize(source, new Geometry(source.Size, 2, 1, new(8, 5)));
        for (var y = 0; y < 5; y++) Assert.Equal(source.Row(y + 1).Slice(2 * 4, 8 * 4), result.Row(y));
    }

    [Fact]
    public void Extreme_shrinking_neither_overflows_nor_leaves_white()
    {
        using var white = new PixelBuffer(new(20_000, 2));
        white.Bytes.Fill(255);
        using var result = BilinearResize.Resize(white, new Geometry(new(3, 1), 0, 0, new(3, 1)));
        Assert.All(result.Bytes.ToArray(), level => Assert.Equal(255, level));
    }

    [Theory]
    [InlineData(420, 279, 256, 385, 256)]
    [InlineData(381, 420, 256, 256, 282)]
    [InlineData(100, 100, 7, 7, 7)]
    [InlineData(3, 1000, 2, 2, 666)]
    public void The_long_side_is_truncated_as_in_torchvision(int width, int height, int side, int newWidth, int newHeight) =>
        Assert.Equal(new ImageSize(newWidth, newHeight),
            Geometry.Of(new() { ShortSide = side }, new(width, height), "x").Resized);

    [Theory]
    [InlineData(227, 224, 2)]
    [InlineData(229, 224, 2)]
    [InlineData(225, 224, 0)]
    [InlineData(231, 224, 4)]
    public void The_crop_is_centred_with_halves_rounded_to_even(int side, int crop, int offset)
    {
        var geometry = Geometry.Of(new() { Crop = new(crop) }, new(side, crop), "x");
        Assert.Equal((offset, 0), (geometry.Left, geometry.Top));
    }
}
