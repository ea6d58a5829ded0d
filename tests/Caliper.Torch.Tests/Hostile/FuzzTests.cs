using Caliper.Testing;
using CsCheck;

namespace Caliper.Torch.Tests.Hostile;

/// <summary>Whatever bytes a file has, it loads or is refused with a sentence; nothing else may happen.</summary>
public class FuzzTests
{
    public static TheoryData<string> Files => new(
        "checkpoint_plain_zip.pth", "checkpoint_wrapped_legacy.pth", "torchsharp_small.dat", "written.pth", "written.safetensors");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_truncated_file_is_refused(string name)
    {
        var content = Content(name);
        for (var length = 0; length < content.Length; length += 1 + content.Length / 1500)
            Assert.False(Loads(content[..length]), $"{length} of {content.Length} bytes were taken for a whole file");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Changed_bytes_load_or_are_refused(string name)
    {
        var content = Content(name);
        var flip = Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte);
        flip.Array[1, 4].Sample(
            flips =>
            {
                var changed = (byte[])content.Clone();
                foreach (var (at, value) in flips) changed[at] = value;
                Loads(changed);
            },
            iter: 3000,
            threads: 2);
    }

    private static byte[] Content(string name)
    {
        var original = SharedFolder.Path("fixtures", "checkpoint_plain_zip.pth");
        if (!name.StartsWith("written", StringComparison.Ordinal)) return File.ReadAllBytes(SharedFolder.Path("fixtures", name));
        using var file = new TemporaryFile(name);
        Checkpoint.Save(Checkpoint.Load(original), file.Path);
        return File.ReadAllBytes(file.Path);
    }

    private static bool Loads(byte[] content)
    {
        try
        {
            Checkpoint.Load(new MemoryStream(content), "fuzzed");
            return true;
        }
        catch (CaliperException e)
        {
            Assert.Contains("fuzzed", e.Message, StringComparison.Ordinal);
            return false;
        }
    }
}
