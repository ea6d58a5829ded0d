using Caliper.Data;
using Caliper.Evaluation.Tests;
using Caliper.Graphs;
using CsCheck;

namespace Caliper.Tests.Data;

public sealed class ArrayLoaderTests : IDisposable
{
    private static readonly float[] s_counted = [.. Enumerable.Range(0, 5 * 2 * 3).Select(i => (float)i)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_npy_file_is_one_nameless_input_in_batches(byte version)
    {
        var loader = ArrayLoader.Open(_folder.File("x.npy", Npy.Of("<f4", "(5, 2, 3)", s_counted, version: version)), 2);
        Assert.Equal((5, 3, false), (loader.SampleCount, loader.BatchCount, loader.HasLabels));
        var batches = loader.ToList();
        Assert.Equal(["2×2×3", "2×2×3", "1×2×3"], batches.Select(b => b.Inputs[""].Shape.ToString()));
        Assert.Equal(s_counted, batches.SelectMany(b => b.Inputs[""].Span<float>().ToArray()));
        Assert.Equal(["x.npy[2]", "x.npy[3]"], batches[1].SampleNames);
        Assert.Null(batches[0].Labels);
        Assert.Equal(s_counted, loader.SelectMany(b => b.Inputs[""].Span<float>().ToArray()));
    }

    [Fact]
    public void Fortran_order_is_turned_into_rows()
    {
        var columns = new float[30];
        for (var i = 0; i < 30; i++) columns[i / 6 + 5 * (i / 3 % 2) + 10 * (i % 3)] = s_counted[i];
        var loader = ArrayLoader.Open(_folder.File("x.npy", Npy.Of("<f4", "(5, 2, 3)", columns, fortran: true)), 3);
        Assert.Equal(s_counted, loader.SelectMany(b => b.Inputs[""].Span<float>().ToArray()));
    }

    [Fact]
    public void Every_type_that_networks_take_is_read()
    {
        Read<float>("<f8", new[] { 1.5, -2 }, ElementType.Float32, [1.5f, -2]);
        Read<float>("<f2", new[] { (Half)1.5, (Half)(-2) }, ElementType.Float32, [1.5f, -2]);
        Read<sbyte>("|i1", new sbyte[] { -1, 2 }, ElementType.Int8, [-1, 2]);
        Read<short>("<i2", new short[] { -1, 2 }, ElementType.Int16, [-1, 2]);
        Read<int>("<i4", new[] { -1, 2 }, ElementType.Int32, [-1, 2]);
        Read<long>("<i8", new[] { -1L, 2 }, ElementType.Int64, [-1, 2]);
        Read<byte>("|u1", new byte[] { 1, 255 }, ElementType.UInt8, [1, 255]);
        Read<ushort>("<u2", new ushort[] { 1, 65535 }, ElementType.UInt16, [1, 65535]);
        Read<uint>("<u4", new[] { 1u, uint.MaxValue }, ElementType.UInt32, [1, uint.MaxValue]);
        Read<ulong>("<u8", new[] { 1ul, ulong.MaxValue }, ElementType.UInt64, [1, ulong.MaxValue]);
        Read<bool>("|b1", new[] { true, false }, ElementType.Boolean, [true, false]);
    }

    private void Read<T>(string descr, Array stored, ElementType type, T[] expected) where T : unmanaged
    {
        var bytes = new byte[Buffer.ByteLength(stored is Half[]? new short[stored.Length] : stored)];
        if (stored is Half[] halves) System.Runtime.InteropServices.MemoryMarshal.AsBytes(halves.AsSpan()).CopyTo(bytes);
        else Buffer.BlockCopy(stored, 0, bytes, 0, bytes.Length);
        var batch = ArrayLoader.Open(_folder.File("t.npy", Npy.Of(descr, "(2,)", bytes)), 9).Single();
        Assert.Equal(type, batch.Inputs[""].Type);
        Assert.Equal(expected, batch.Inputs[""].Span<T>().ToArray());
    }

    [Fact]
    public void A_number_without_an_axis_is_every_samples()
    {
        var path = _folder.File("d.npz", Npy.Zip(
            ("x.npy", Npy.Of("<f4", "(5, 2, 3)", s_counted)),
            ("rate.npy", Npy.Of("<i8", "()", new long[] { 16000 })),
            ("gain.npy", Npy.Of("<f8", "()", new[] { 0.5 }))));
        var batches = ArrayLoader.Open(path, 3).ToList();
        Assert.Equal([[16000L, 16000, 16000], [16000, 16000]], batches.Select(b => b.Inputs["rate"].Span<long>().ToArray()));
        Assert.Equal([0.5f, 0.5f], batches[1].Inputs["gain"].Span<float>().ToArray());
        Assert.Equal("3×2×3", batches[0].Inputs["x"].Shape.ToString());
    }

    [Theory]
    [InlineData("rate", "")]
    [InlineData("labels", "x")]
    public void A_number_alone_is_no_data(string name, string other)
    {
        (string, byte[])[] number = [($"{name}.npy", Npy.Of("<i8", "()", new long[] { 3 }))];
        (string, byte[])[] rest = other.Length == 0 ? [] : [($"{other}.npy", Npy.Of("<f4", "(5, 2, 3)", s_counted))];
        var path = _folder.File("d.npz", Npy.Zip([.. number, .. rest]));
        var error = Assert.Throws<CaliperException>(() => ArrayLoader.Open(path, 3));
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("holds no samples: it is one number", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_npz_file_has_an_array_for_each_input_and_labels()
    {
        var path = _folder.File("d.npz", Npy.Zip(
            ("ids.npy", Npy.Of("<i8", "(5, 1)", new long[] { 9, 8, 7, 6, 5 })),
            ("mask.npy", Npy.Of("<f4", "(5, 2, 3)", s_counted)),
            ("labels.npy", Npy.Of("|u1", "(5, 1)", new byte[] { 4, 3, 2, 1, 0 }))));
        var loader = ArrayLoader.Open(path, 2);
        Assert.True(loader.HasLabels);
        var batches = loader.ToList();
        Assert.Equal(["ids", "mask"], batches[0].Inputs.Keys.Order());
        Assert.Equal([7, 6], batches[1].Inputs["ids"].Span<long>().ToArray());
        Assert.Equal(s_counted[12..24], batches[1].Inputs["mask"].Span<float>().ToArray());
        Assert.Equal([2, 1], batches[1].Labels!.Value);
    }

    [Fact]
    public void An_array_may_have_several_rows_for_each_sample()
    {
        var path = _folder.File("d.npz", Npy.Zip(
            ("state.npy", Npy.Of("<f4", "(6, 2)", Enumerable.Range(0, 12).Select(i => (float)i).ToArray())),
            ("x.npy", Npy.Of("<f4", "(3, 1)", new float[] { 10, 11, 12 }))));
        var loader = ArrayLoader.Open(path, 2);
        Assert.Equal(3, loader.SampleCount);
        var batches = loader.ToList();
        Assert.Equal([(2, "4×2"), (1, "2×2")], batches.Select(b => (b.Count, b.Inputs["state"].Shape.ToString())));
        Assert.Equal([8f, 9, 10, 11], batches[1].Inputs["state"].Span<float>().ToArray());
        Assert.Equal([12f], batches[1].Inputs["x"].Span<float>().ToArray());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Samples_may_lie_along_another_axis(bool isSaid, bool isFortran)
    {
        // Two layers, five samples, three numbers: a hundred for the layer, ten for the sample.
        int[] Numbers(bool samplesFirst) =>
        [
            .. from outer in Enumerable.Range(0, samplesFirst ? 5 : 2)
               from inner in Enumerable.Range(0, samplesFirst ? 2 : 5)
               from i in Enumerable.Range(0, 3)
               select samplesFirst ? 100 * inner + 10 * outer + i : 100 * outer + 10 * inner + i,
        ];
        var columns = from i in Enumerable.Range(0, 3)
                      from sample in Enumerable.Range(0, 5)
                      from layer in Enumerable.Range(0, 2)
                      select 100 * layer + 10 * sample + i;
        int[] stored = isFortran ? [.. columns] : Numbers(samplesFirst: false);
        var path = _folder.File("axis.npz", Npy.Zip(("state.npy", Npy.Of("<i4", "(2, 5, 3)", stored, fortran: isFortran)),
            ("x.npy", Npy.Of("<f4", "(5, 6)", s_counted))));
        Value[] inputs = [new("x", ElementType.Float32, Shape.Of(1, 6)), new("state", ElementType.Int32, Shape.Of(2, 1, 3))];
        var axes = isSaid ? new SampleAxes { Said = SampleAxes.First.Said.Add("state", -2) } : new SampleAxes { Inputs = [.. inputs] };
        var loader = ArrayLoader.Open(path, 2, axes: axes);
        Assert.Equal((5, 3), (loader.SampleCount, loader.BatchCount));
        Assert.Equal(["4×1×3", "4×1×3", "2×1×3"], loader.Select(b => b.Inputs["state"].Shape.ToString()));
        Assert.Equal(Numbers(samplesFirst: true), loader.SelectMany(b => b.Inputs["state"].Span<int>().ToArray()));
        Assert.Equal(Numbers(samplesFirst: true)[24..], ArrayLoader.Open(path, 9, new SampleSelection { Skip = 4 }, axes).Single().Inputs["state"]
            .Span<int>().ToArray());
    }

    [Theory]
    [InlineData("(4, 3, 2)", "2×1×2")]
    [InlineData("(2, 1, 12)", "1×1×12")]
    [InlineData("(2, 2, 6)", "2×2×6")]
    public void An_axis_is_found_only_where_nothing_else_can_be_meant(string shape, string input)
    {
        var path = _folder.File("first.npz", Npy.Zip(
            ("state.npy", Npy.Of("<f4", shape, s_counted[..24])), ("x.npy", Npy.Of("<f4", "(2, 1)", s_counted[..2]))));
        var inputs = new[] { new Value("state", ElementType.Float32, Shape.Of([.. input.Split('×').Select(long.Parse)])) };
        Assert.Equal(ArrayLoader.Open(path, 1).Select(b => b.Inputs["state"].Shape),
            ArrayLoader.Open(path, 1, axes: new SampleAxes { Inputs = [.. inputs] }).Select(b => b.Inputs["state"].Shape));
    }

    [Theory]
    [InlineData("(6, 4)", 1)]
    [InlineData("(6, 4)", -1)]
    public void Such_samples_lie_along_the_axis_that_is_said(string shape, int axis)
    {
        var path = _folder.File("said.npz", Npy.Zip(("x.npy", Npy.Of("<f4", shape, s_counted[..24]))));
        var axes = new SampleAxes { Inputs = [new("x", ElementType.Float32, Shape.Of(6))], Said = SampleAxes.First.Said.Add("x", axis) };
        var loader = ArrayLoader.Open(path, 3, axes: axes);
        Assert.Equal((4, 4), (loader.SampleCount, loader.BatchCount));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => 4f * i + 2), loader.ElementAt(2).Inputs[""].Span<float>().ToArray());
    }

    [Theory]
    [InlineData("(4, 6)", "5", "samples of 6, and the model's input 'x' takes 5")]
    [InlineData("(4, 1, 6)", "6", "samples of 1×6, and the model's input 'x' takes 6")]
    [InlineData("(2, 2, 6)", "1×6", "samples of 2×6, and the model's input 'x' takes 1×6")]
    public void Samples_that_are_no_whole_input_are_refused(string shape, string input, string message)
    {
        var path = _folder.File("other.npz", Npy.Zip(("x.npy", Npy.Of("<f4", shape, s_counted[..24]))));
        var axes = new SampleAxes { Inputs = [new("x", ElementType.Float32, Shape.Of([.. input.Split('×').Select(long.Parse)]))] };
        Assert.Contains(message, Assert.Throws<CaliperException>(() => ArrayLoader.Open(path, 3, axes: axes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(4, 6)", "6", "6")]
    [InlineData("(4, 2, 3)", "?×3", "2×3")]
    [InlineData("(4, 1, 6)", "1×6", "1×6")]
    [InlineData("(4, 1, 6)", "?×6", "1×6")]
    public void An_array_with_an_axis_more_than_its_input_holds_a_whole_one_each_sample(string shape, string input, string fed)
    {
        var path = _folder.File("whole.npz", Npy.Zip(
            ("x.npy", Npy.Of("<f4", shape, s_counted[..24])), ("labels.npy", Npy.Of("<i8", "(4,)", new long[4]))));
        Dimension[] dimensions = [.. input.Split('×').Select(d => d == "?" ? Dimension.Unknown : long.Parse(d))];
        var axes = new SampleAxes { Inputs = [new("network's", ElementType.Float32, new Shape([.. dimensions]))] };
        var loader = ArrayLoader.Open(path, 3, axes: axes);
        Assert.Equal((4, 4), (loader.SampleCount, loader.BatchCount));
        Assert.All(loader, b => Assert.Equal(fed, b.Inputs[""].Shape.ToString()));
        Assert.Equal(s_counted[..24], loader.SelectMany(b => b.Inputs[""].Span<float>().ToArray()));
    }

    [Theory]
    [InlineData("state", 3, "has 3 axes, and none is 3")]
    [InlineData("state", int.MinValue, "has 3 axes, and none is")]
    [InlineData("state", 2, "has 3.")]
    [InlineData("sate", 1, "no array 'sate'")]
    public void An_axis_that_is_not_there_is_refused(string name, int axis, string message)
    {
        var path = _folder.File("wrong.npz", Npy.Zip(
            ("state.npy", Npy.Of("<f4", "(2, 5, 3)", s_counted)), ("x.npy", Npy.Of("<f4", "(5, 6)", s_counted))));
        var axes = new SampleAxes { Said = SampleAxes.First.Said.Add(name, axis) };
        Assert.Contains(message, Assert.Throws<CaliperException>(() => ArrayLoader.Open(path, 2, axes: axes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_only_array_of_a_npz_file_needs_no_name()
    {
        var loader = ArrayLoader.Open(_folder.File("d.npz", Npy.Zip(
            ("arr_0.npy", Npy.Of("<f4", "(5, 6)", s_counted)), ("labels.npy", Npy.Of("<i8", "(5,)", new long[5])))), 5);
        Assert.Equal([""], loader.Single().Inputs.Keys);
    }

    [Fact]
    public void A_selection_reads_only_its_samples_from_compressed_data_also() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 50], Gen.Int[1, 4], Gen.Int[1, 7]).Sample((total, limit, shards, batchSize) =>
        {
            var counted = Npy.Of("<i4", $"({total}, 1)", Enumerable.Range(0, total).ToArray());
            var path = _folder.File("s.npz", Npy.Zip(("ab.npy", counted)));
            var whole = Read(1, 1);
            Assert.Equal(Math.Min(limit, total), whole.Count);
            Assert.Equal(whole.Distinct().Order(), whole);
            if (whole.Count < shards) return;
            var dealt = Enumerable.Range(1, shards).Select(shard => Read(shard, shards)).ToList();
            Assert.Equal(whole, dealt.SelectMany(d => d).Order());
            Assert.All(dealt, d => Assert.InRange(d.Count, whole.Count / shards, whole.Count / shards + 1));

            List<int> Read(int shard, int count)
            {
                var selection = new SampleSelection { Limit = limit, Shard = shard, ShardCount = count };
                var loader = ArrayLoader.Open(path, batchSize, selection);
                var read = loader.SelectMany(b => b.Inputs[""].Span<int>().ToArray()).ToList();
                Assert.Equal((loader.SampleCount, loader.BatchCount), (read.Count, loader.Count()));
                return read;
            }
        }, iter: 50, threads: 1);

    [Fact]
    public void A_limit_spreads_over_the_whole()
    {
        var tenth = new SampleSelection { Limit = 4 };
        Assert.Equal([0, 25, 50, 75], Enumerable.Range(0, tenth.CountOf(100)).Select(i => tenth.IndexOf(i, 100)));
    }

    [Theory]
    [InlineData(0, 1, 1, "must be 1 or more")]
    [InlineData(9, 0, 2, "no shard 0 of 2")]
    [InlineData(9, 3, 2, "no shard 3 of 2")]
    [InlineData(9, 6, 6, "too few samples")]
    public void A_selection_out_of_range_is_refused(int limit, int shard, int count, string message)
    {
        var path = _folder.File("x.npy", Npy.Of("<f4", "(5, 6)", s_counted));
        var selection = new SampleSelection { Limit = limit, Shard = shard, ShardCount = count };
        Assert.Contains(message, Assert.Throws<CaliperException>(() => ArrayLoader.Open(path, 2, selection)).Message);
        Assert.Contains("batch size", Assert.Throws<CaliperException>(() => ArrayLoader.Open(path, 0)).Message);
    }
}
