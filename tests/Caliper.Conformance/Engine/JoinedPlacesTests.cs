using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>What a detector found at the places of several images: joined, then transposed. No element is moved twice, whatever the order.</summary>
public class JoinedPlacesTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 85)]
    public void Places_of_images_are_joined_as_they_lie(int batch, int channels) => Check(b => Transposed(b,
        [Places(b, batch, channels, 9), Places(b, batch, channels, 4)], 0, 2, 1), transposes: 0);

    [Fact]
    public void Bytes_are_joined_likewise() => Check(b => b.Apply("Transpose", 2, [b.Apply("Concat", 2,
        [Bytes(b, 8, 7), Bytes(b, 8, 3)], n => n.With("axis", 2))], n => n.With("perm", 0, 2, 1)), transposes: 0);

    [Fact]
    public void What_is_joined_and_read_elsewhere_stays_as_it_is() => Check(b =>
    {
        var joined = b.Float("Concat", [Places(b, 1, 6, 5), Places(b, 1, 6, 2)], n => n.With("axis", 2));
        return b.Quantized(b.Float("MatMul", [b.Float("Transpose", [joined], n => n.With("perm", 0, 2, 1)), joined]), 9);
    }, transposes: 1);

    [Fact]
    public void Another_order_is_read_by_whoever_rounds() => Check(b =>
        Transposed(b, [Places(b, 1, 6, 5), Places(b, 1, 6, 2)], 2, 1, 0), transposes: 0);

    private static string Transposed(QdqBuilder b, string[] pieces, params long[] order) =>
        b.Quantized(b.Float("Transpose", [b.Float("Concat", pieces, n => n.With("axis", 2))], n => n.With("perm", order)), 2);

    private static string Places(QdqBuilder b, int batch, int channels, int side)
    {
        var image = b.Float("Sigmoid", [b.Real(b.Conv(b.Input(batch, 3, side, side), 3, channels, 3, 1, 1))]);
        return b.Float("Reshape", [image, b.Constant(Tensor.Of(Shape.Of(3), [(long)batch, channels, -1]))]);
    }

    private static string Bytes(QdqBuilder b, int channels, int side) => b.Apply("Reshape", 2,
        [b.Conv(b.Input(1, 3, side, side), 3, channels, 3, 1, 1)], null, false, b.Constant(Tensor.Of(Shape.Of(3), [1L, channels, -1])));

    private static void Check(Func<QdqBuilder, string> build, int transposes)
    {
        var b = new QdqBuilder(7) { Opset = 16 };
        var model = b.Build(asFloats: false, build(b));
        using (var session = Int8Session.FromModel(model))
            Assert.Equal(transposes, session.Describe().Steps.Count(s => s.Kind.StartsWith("Transpose", StringComparison.Ordinal)));
        Comparison.AssertSameLevels(model);
        Comparison.AssertSameEverywhere(model);
    }
}
