using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Softmax and reductions along groups of axes.</summary>
internal static unsafe class FloatReductions
{
    /// <summary><c>exp(x − max) / Σ exp(x − max)</c> along an axis; or its logarithm.</summary>
    public static DenseKernel Softmax(int outer, int length, int inner, bool isLog) => DenseKernel.OfFloats((inputs, output) =>
    {
        for (var o = 0; o < outer; o++)
        {
            for (var i = 0; i < inner; i++)
            {
                var x = inputs[0] + (long)o * length * inner + i;
                var y = output + (long)o * length * inner + i;
                var max = float.NegativeInfinity;
                for (var k = 0; k < length; k++) max = MathF.Max(max, x[k * inner]);
                float sum = 0;
                for (var k = 0; k < length; k++) sum += y[k * inner] = MathF.Exp(x[k * inner] - max);
                var log = MathF.Log(sum);
                for (var k = 0; k < length; k++) y[k * inner] = isLog ? x[k * inner] - max - log : y[k * inner] / sum;
            }
        }
    }, (long)outer * length * inner, (long)outer * length * inner);

    /// <summary>Reduces the axes that are marked.</summary>
    public static DenseKernel Reduce(string kind, int[] shape, bool[] isReduced)
    {
        var strides = new long[shape.Length];
        long stride = 1, reduced = 1;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            if (isReduced[axis]) { reduced *= shape[axis]; continue; }
            strides[axis] = stride;
            stride *= shape[axis];
        }
        var (outputs, count) = (stride, Sizes.Product(shape));
        var (start, isMean) = (kind switch { "ReduceMax" => float.NegativeInfinity, "ReduceMin" => float.PositiveInfinity, _ => 0f },
            kind == "ReduceMean");
        return DenseKernel.OfFloats((inputs, output) =>
        {
            new Span<float>(output, (int)outputs).Fill(start);
            for (var i = 0; i < count; i++)
            {
                long at = 0, rest = i;
                for (var axis = shape.Length - 1; axis >= 0; axis--)
                {
                    (rest, var index) = Math.DivRem(rest, shape[axis]);
                    at += index * strides[axis];
                }
                var x = inputs[0][i];
                output[at] = kind switch { "ReduceMax" => MathF.Max(output[at], x), "ReduceMin" => MathF.Min(output[at], x), _ => output[at] + x };
            }
            if (isMean) for (var i = 0; i < outputs; i++) output[i] /= reduced;
        }, outputs, count);
    }

    /// <summary>LayerNormalization over the last so many elements.</summary>
    public static DenseKernel LayerNorm(int rows, int length, float epsilon, bool hasBias) => DenseKernel.OfFloats((inputs, output) =>
    {
        for (var row = 0; row < rows; row++)
        {
            var x = inputs[0] + (long)row * length;
            var y = output + (long)row * length;
            double sum = 0, squares = 0;
            for (var i = 0; i < length; i++) sum += x[i];
            var mean = sum / length;
            for (var i = 0; i < length; i++) squares += (x[i] - mean) * (x[i] - mean);
            var scale = 1 / Math.Sqrt(squares / length + epsilon);
            for (var i = 0; i < length; i++) y[i] = (float)((x[i] - mean) * scale) * inputs[1][i] + (hasBias ? inputs[2][i] : 0);
        }
    }, (long)rows * length, [(long)rows * length, length, .. hasBias ? new long[] { length } : []]);

    /// <summary>BatchNormalization with known statistics: inputs x, scale, bias, mean, variance.</summary>
    public static DenseKernel BatchNorm(int images, int channels, int inner, float epsilon) => DenseKernel.OfFloats((inputs, output) =>
    {
        for (var n = 0; n < images * channels; n++)
        {
            var c = n % channels;
            var scale = inputs[1][c] / MathF.Sqrt(inputs[4][c] + epsilon);
            var shift = inputs[2][c] - inputs[3][c] * scale;
            for (var i = 0; i < inner; i++) output[(long)n * inner + i] = inputs[0][(long)n * inner + i] * scale + shift;
        }
    }, (long)images * channels * inner, (long)images * channels * inner, channels, channels, channels, channels);
}
