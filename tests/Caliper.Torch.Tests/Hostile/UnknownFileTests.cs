using Caliper.Graphs;
using static Caliper.Torch.Tests.Hostile.CraftedCheckpoint;

namespace Caliper.Torch.Tests.Hostile;

public class UnknownFileTests
{
    public static TheoryData<byte[]> Junk => new(
        [],
        [0],
        "<html><body>404</body></html>"u8.ToArray(),
        "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray(),
        [0x80, 2, (byte)'}', (byte)'.'],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        [.. "PK\u0003\u0004"u8, .. new byte[40]],
        [.. "PK\u0005\u0006"u8, .. new byte[18]]);

    [Theory]
    [MemberData(nameof(Junk), DisableDiscoveryEnumeration = true)]
    public void A_file_of_another_kind_is_refused_by_name(byte[] content) => Refusal(content);

    [Fact]
    public void A_file_that_is_not_there_is_an_error_of_one_sentence() =>
        CaliperError.Says("'absent.pth' cannot be read", () => Checkpoint.Load("absent.pth"));

    [Fact]
    public void A_folder_is_no_checkpoint()
    {
        using var file = new TemporaryFile("x");
        CaliperError.Says("cannot be read", () => Checkpoint.Load(file.Folder));
    }

    private const string Whole = """{"dtype":"F32","shape":[4],"data_offsets":[0,16]}""";
    private const string FirstHalf = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";
    private const string Overlapping = """{"dtype":"F32","shape":[2],"data_offsets":[4,12]}""";

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "does not take 4 bytes")]
    [InlineData($$"""{"w":{{FirstHalf}}}""", "end at byte 8 of 16")]
    [InlineData($$"""{"w":{{FirstHalf}},"v":{{Overlapping}}}""", "begins at byte 4")]
    [InlineData($$"""{"w":{{FirstHalf}},"v":{{FirstHalf}}}""", "begins at byte 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}""", "no range")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", "negative")]
    [InlineData("""{"w":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,16]}}""", "overflow")]
    [InlineData("""{"w":{"dtype":"F4","shape":[31],"data_offsets":[0,16]}}""", "ends within a byte")]
    [InlineData("""{"w":{"dtype":"F8_E8M0","shape":[4],"data_offsets":[0,16]}}""", "does not take 16 bytes")]
    [InlineData("""{"w":{"shape":[4],"data_offsets":[0,16]}}""", "has no dtype")]
    [InlineData("""{"w":7}""", "header is wrong")]
    [InlineData($$"""{"w":{{Whole}},"w":{{Whole}}}""", "header is wrong")]
    [InlineData("""{"w":""", "header is wrong")]
    public void A_safetensors_header_that_contradicts_itself_is_refused(string header, string complaint) =>
        AssertRefused([.. BitConverter.GetBytes((long)header.Length), .. Bytes(header), .. new byte[16]], complaint);

    [Theory]
    [InlineData("F6_E2M3", 6)]
    [InlineData("F6_E3M2", 6)]
    [InlineData("F7", 7)]
    public void A_dtype_that_is_not_read_is_no_damage(string dtype, int bits)
    {
        var message = Refusal(Safetensors(dtype, "[2,8]", new byte[2 * bits]));

        Assert.Contains($"'w' has the dtype '{dtype}', which Caliper does not read", message, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F4", "[3,2]", ElementType.Float4E2M1, 3)]
    [InlineData("F8_E8M0", "[3]", ElementType.Float8E8M0, 3)]
    public void The_elements_of_microscaling_formats_are_read_and_written(string dtype, string shape, ElementType type, int bytes)
    {
        byte[] content = [.. Enumerable.Range(1, bytes).Select(i => (byte)(0x7b * i))];
        var read = Load(Safetensors(dtype, shape, content));
        using var file = new TemporaryFile("again.safetensors");
        Checkpoint.Save(read, file.Path);

        foreach (var tensor in (Tensor[])[read["w"], Checkpoint.Load(file.Path)["w"]])
        {
            Assert.Equal(type, tensor.Type);
            Assert.Equal(shape, $"[{string.Join(',', tensor.Shape.ToArray())}]");
            Assert.Equal(content, tensor.Bytes.ToArray());
        }
    }

    [Fact]
    public void Safetensors_cannot_store_half_a_byte()
    {
        var odd = new StateDict([new("w", new Tensor(ElementType.Float4E2M1, Shape.Of(3), new byte[2]))]);
        using var file = new TemporaryFile("odd.safetensors");
        CaliperError.Says("end within a byte", () => Checkpoint.Save(odd, file.Path));
    }

    private static byte[] Safetensors(string dtype, string shape, byte[] content)
    {
        var header = Bytes($$$"""{"w":{"dtype":"{{{dtype}}}","shape":{{{shape}}},"data_offsets":[0,{{{content.Length}}}]}}""");
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. content];
    }

    [Fact]
    public void The_metadata_of_safetensors_is_no_tensor()
    {
        var header = Bytes("""{"__metadata__":{"format":"pt"},"w":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}""");
        Assert.Equal(["w"], Load([.. BitConverter.GetBytes((long)header.Length), .. header, 0x80, 0x3f]).Keys);
    }
}
