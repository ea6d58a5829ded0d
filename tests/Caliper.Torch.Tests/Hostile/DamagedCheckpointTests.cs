using System.Diagnostics;
using static Caliper.Torch.Tests.Hostile.CraftedCheckpoint;

namespace Caliper.Torch.Tests.Hostile;

public class DamagedCheckpointTests
{
    private static readonly (string, byte[]) TwoFloatsRecord = ("data/0", Floats(1, 2));

    [Theory]
    [InlineData(1L, 2L, 1L)]
    [InlineData(0L, 3L, 1L)]
    [InlineData(0L, 2L, 2L)]
    [InlineData(-1L, 2L, 1L)]
    [InlineData(1L, 2L, -1L)]
    [InlineData(long.MaxValue, 2L, 1L)]
    [InlineData(0L, 2L, long.MaxValue)]
    public void A_tensor_that_leaves_its_storage_is_refused(long offset, long size, long stride) =>
        AssertRefused(
            Zip(Weights(Tensor(Storage("0", 2), offset, [size], [stride])), TwoFloatsRecord), "'w' leaves the 2 elements");

    [Theory]
    [InlineData(-1L, 1L)]
    [InlineData(long.MaxValue, 2L)]
    [InlineData(1L << 40, 1L)]
    public void An_impossible_shape_is_refused(long height, long width) =>
        AssertRefused(Zip(Weights(Tensor(Storage("0", 2), 0, [height, width], [0, 0])), TwoFloatsRecord), "claims the shape");

    [Fact]
    public void A_small_repetition_of_one_element_is_loaded()
    {
        var tensors = Load(Zip(Weights(Tensor(Storage("0", 2), 1, [3], [0])), TwoFloatsRecord));
        Assert.Equal([2f, 2, 2], tensors["w"].Span<float>().ToArray());
    }

    [Fact]
    public void A_billion_repetitions_of_one_element_are_refused() =>
        AssertRefused(Zip(Weights(Tensor(Storage("0", 2), 0, [500_000_000], [0])), TwoFloatsRecord), "far more");

    [Fact]
    public void A_record_that_unpacks_to_a_thousand_times_the_file_is_refused()
    {
        const int count = 25_000_000;
        var bomb = Deflated(Weights(Tensor(Storage("0", count), 0, [count], [1])), ("data/0", new byte[4 * count]));
        Assert.True(bomb.Length < 1_000_000);
        AssertRefused(bomb, "far more");
    }

    [Fact]
    public void A_record_longer_than_the_directory_declares_is_refused()
    {
        var archive = Deflated(Weights(TwoFloats), ("data/0", Floats(1, 2, 3, 4)));
        var directory = archive.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(archive.AsSpan(directory + 24), 8);
        Refusal(archive);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    public void A_record_of_another_size_is_refused(int size) =>
        AssertRefused(Zip(Weights(TwoFloats), ("data/0", new byte[size])), $"has {size} bytes instead of 8");

    [Fact]
    public void A_missing_record_is_named() => AssertRefused(Zip(Weights(TwoFloats)), "'data/0' is missing");

    [Fact]
    public void Two_records_of_one_name_are_refused() =>
        AssertRefused(Zip(Weights(TwoFloats), TwoFloatsRecord, TwoFloatsRecord), "two records");

    [Fact]
    public void A_storage_of_two_types_is_refused()
    {
        var asIntegers = Tensor(Storage("0", 2, "IntStorage"), 0, [2], [1]);
        AssertRefused(Zip(Dictionary(("a", TwoFloats), ("b", asIntegers)) + ".", TwoFloatsRecord), "two different types");
    }

    [Fact]
    public void A_changed_record_is_noticed()
    {
        var archive = Zip(Weights(TwoFloats), TwoFloatsRecord);
        archive[archive.AsSpan().IndexOf(Floats(1, 2))] ^= 1;
        AssertRefused(archive, "checksum of its record 'any/data/0'");
    }

    [Fact]
    public void Containers_that_share_each_other_a_trillion_times_cost_nothing()
    {
        // Each tuple holds the one before twice: forty levels stand for 2⁴⁰ objects, if anyone counted them.
        var bomb = "K\u0001" + string.Concat(Enumerable.Repeat("2\u0086", 40));
        AssertFast(() => Load(Zip(Dictionary(("w", TwoFloats), ("epoch", bomb)) + ".", TwoFloatsRecord)));
    }

    [Fact]
    public void A_hundred_thousand_nested_containers_cost_no_stack()
    {
        var nested = string.Concat(Enumerable.Repeat("]", 100_000)) + string.Concat(Enumerable.Repeat("a", 99_999));
        AssertFast(() => Load(Zip(Dictionary(("w", TwoFloats), ("epoch", nested)) + ".", TwoFloatsRecord)));
    }

    [Fact]
    public void Wrappers_without_end_are_refused() =>
        AssertRefused(Zip($"}}q\u0000{Text("state_dict")}h\u0000s."), "no state dict");

    [Fact]
    public void A_pickle_of_too_many_instructions_is_refused() =>
        AssertFast(() => AssertRefused(Zip("K\u0001" + new string('2', 4_000_000)), "instructions"));

    [Theory]
    [InlineData("X\u00ff\u00ff\u00ff\u007fabc.")]
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffabc.")]
    [InlineData("B\u00ff\u00ff\u00ff\u00ffabc.")]
    [InlineData("\u008a\u00ff.")]
    [InlineData("r\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("h\u0005.")]
    [InlineData("t.")]
    [InlineData("u.")]
    [InlineData("(K\u00010.")]
    [InlineData("R.")]
    [InlineData("Q.")]
    [InlineData("K\u0001Q.")]
    [InlineData("K\u0001K\u0002a.")]
    [InlineData("\u0080\u0009.")]
    [InlineData("\u00ff.")]
    [InlineData("")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R.")]
    public void A_pickle_that_makes_no_sense_is_refused(string pickle) => Refusal(Zip(pickle));

    [Theory]
    [InlineData("K\u0001.")]
    [InlineData("}.")]
    [InlineData("].")]
    [InlineData("N.")]
    public void A_file_without_weights_says_what_is_expected(string pickle) =>
        AssertRefused(Zip(pickle), "holds no state dict");

    [Fact]
    public void A_legacy_storage_of_another_count_is_refused()
    {
        var file = Legacy(Weights(TwoFloats), $"]{Text("0")}a.", "\u0003\0\0\0\0\0\0\0" + new string('\0', 12));
        AssertRefused(file, "3 elements instead of 2");
    }

    [Fact]
    public void A_legacy_storage_that_is_not_listed_is_refused() =>
        AssertRefused(Legacy(Weights(TwoFloats), "].", ""), "not in the list");

    [Fact]
    public void A_legacy_storage_that_nothing_mentions_is_refused() =>
        AssertRefused(Legacy(Weights(TwoFloats), $"]{Text("7")}a.", ""), "no tensor uses");

    [Theory]
    [InlineData(1L, 2L)]
    [InlineData(-1L, 1L)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void A_legacy_view_that_leaves_its_storage_is_refused(long offset, long count)
    {
        var view = Storage("0", 2, view: $"({Text("v")}{Integer(offset)}{Integer(count)}t");
        AssertRefused(Legacy(Weights(Tensor(view, 0, [1], [1])), "].", ""), "a view leaves");
    }

    private static string Weights(string tensor) => Dictionary(("w", tensor)) + ".";

    private static void AssertFast(Action action)
    {
        var time = Stopwatch.StartNew();
        action();
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(10), $"it took {time.Elapsed}");
    }
}
