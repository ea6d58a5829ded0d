using System.Buffers.Binary;
using Caliper.Data;
using Caliper.Evaluation.Tests;
using CsCheck;

namespace Caliper.Tests.Data;

public sealed class HostileArrayTests : IDisposable
{
    private static readonly byte[] s_good = Npy.Of("<f4", "(2, 3)", new float[6]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Refused(string name, byte[] bytes)
    {
        var path = _folder.File(name, bytes);
        var message = Assert.Throws<CaliperException>(() => ArrayLoader.Open(path, 2).Count()).Message;
        Assert.Contains(name, message);
        return message;
    }

    private string RefusedHeader(string dictionary, int bytes = 24) => Refused("x.npy", Npy.Raw(dictionary, new byte[bytes]));

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", "big-endian")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (6,), }", "pickle")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", "<c8")]
    [InlineData("{'descr': '<U6', 'fortran_order': False, 'shape': (1,), }", "<U6")]
    [InlineData("{'descr': [('a', '<f4'), ('b', '<i2')], 'fortran_order': False, 'shape': (4,), }", "'a'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3), }", "'-2'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2.5,), }", "'2.5'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': 6, }", "no tuple")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }", "neither True nor False")]
    [InlineData("{'descr': '<f4', 'shape': (2, 3), }", "one 'fortran_order'")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "one 'descr'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", "no dictionary")]
    [InlineData("__import__('os')", "no dictionary")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }", "too large")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "99999999999999999999")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", "announces 32 bytes of elements and 24 follow")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "announces 16 bytes of elements and 24 follow")]
    public void A_header_that_lies_or_is_foreign_is_refused(string dictionary, string message) =>
        Assert.Contains(message, RefusedHeader(dictionary));

    [Fact]
    public void An_array_without_samples_is_refused()
    {
        Assert.Contains("no samples", RefusedHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4));
        Assert.Contains("no samples", RefusedHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", 0));
        Assert.Contains("no samples", RefusedHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 0), }", 0));
    }

    [Fact]
    public void A_header_as_numpy_1_and_python_2_wrote_it_is_read()
    {
        var bytes = Npy.Raw("{\"shape\": (2L, 3L), 'fortran_order':False,'descr':\"<f4\"}", new byte[24]);
        Assert.Equal(2, ArrayLoader.Open(_folder.File("x.npy", bytes), 2).SampleCount);
    }

    [Fact]
    public void Every_truncation_of_a_file_is_refused()
    {
        for (var length = 0; length < s_good.Length; length++) Refused("x.npy", s_good[..length]);
        var zip = Npy.Zip(("x.npy", s_good), ("labels.npy", Npy.Of("|u1", "(2,)", new byte[2])));
        for (var length = 0; length < zip.Length; length += 3) Refused("x.npz", zip[..length]);
    }

    [Fact]
    public void No_change_of_a_byte_escapes_as_another_error() =>
        Gen.Select(Gen.Int[0, s_good.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var bytes = (byte[])s_good.Clone();
            bytes[at] = value;
            Attempt("x.npy", bytes);
            var zip = Npy.Zip(("x.npy", s_good), ("ab.npy", s_good));
            zip[at * zip.Length / s_good.Length] = value;
            Attempt("x.npz", zip);
        }, iter: 200, threads: 1);

    private void Attempt(string name, byte[] bytes)
    {
        try
        {
            _ = ArrayLoader.Open(_folder.File(name, bytes), 2).Count();
        }
        catch (CaliperException)
        {
            // Refused, as it should be; anything else fails the test.
        }
    }

    [Fact]
    public void A_header_made_to_stall_the_parser_is_refused_in_time() =>
        RefusedHeader("{" + string.Concat(Enumerable.Repeat("'a':[],", 1200)) + "[");

    [Fact]
    public void An_enormous_header_length_allocates_nothing()
    {
        var bytes = Npy.Raw("{}", [], version: 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), uint.MaxValue);
        Assert.Contains("4294967295 bytes", Refused("x.npy", bytes));
    }

    [Fact]
    public void A_small_zip_of_enormous_arrays_costs_no_memory()
    {
        // 64 MiB of zeros in 64 KiB: fine to walk, because only one batch is held at a time.
        var zip = Npy.Zip(("zero.npy", Npy.Of("|u1", "(64, 1048576)", new byte[64 << 20])));
        Assert.True(zip.Length < 1 << 17);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(2, ArrayLoader.Open(_folder.File("zero.npz", zip), 1).Take(2).Count());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void What_does_not_fit_together_in_a_npz_file_is_refused()
    {
        var labels = Npy.Of("<i4", "(2,)", new[] { 0, 1 });
        Assert.Contains("'readme.txt'", Refused("x.npz", Npy.Zip(("x.npy", s_good), ("readme.txt", []))));
        Assert.Contains("besides labels", Refused("x.npz", Npy.Zip(("labels.npy", labels))));
        Assert.Contains("besides labels", Refused("x.npz", Npy.Zip()));
        Assert.Contains("two arrays named 'x'", Refused("x.npz", Npy.Zip(("x.npy", s_good), ("x.npy", s_good))));
        Assert.Contains("has 2 samples", RefusedLabels(Npy.Of("<i4", "(3,)", new int[3])));
        Assert.Contains("-1 at 1", RefusedLabels(Npy.Of("<i4", "(2,)", new[] { 0, -1 })));
        Assert.Contains("one label", RefusedLabels(Npy.Of("<i4", "(2, 2)", new int[4])));
        Assert.Contains("integers", RefusedLabels(Npy.Of("<f4", "(2,)", new float[2])));

        string RefusedLabels(byte[] bad) => Refused("x.npz", Npy.Zip(("x.npy", s_good), ("labels.npy", bad)));
    }

    [Fact]
    public void A_missing_file_and_one_of_another_kind_are_refused()
    {
        Assert.Contains("no file", Assert.Throws<CaliperException>(() => ArrayLoader.Open("nowhere.npy", 1)).Message);
        Assert.Contains("neither", Refused("x.npy", "hello, world"u8.ToArray()));
        Assert.Contains("cannot be read", Assert.Throws<CaliperException>(() => ArrayLoader.Open(Path.GetTempPath(), 1)).Message);
    }
}
