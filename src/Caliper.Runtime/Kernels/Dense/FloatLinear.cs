namespace Caliper.Kernels.Dense;

/// <summary>Matrix products in float32, for what a network leaves float. A sum begins with 0 and takes one product after the other, fused.</summary>
internal static unsafe class FloatLinear
{
    /// <summary><c>alpha·A·B + beta·C</c>; strides say how A and B are walked, and how C is broadcast.</summary>
    public static DenseKernel Gemm(int rows, int inner, int columns, bool transA, bool transB, float alpha, float beta, int rowStepC, int columnStepC,
        bool hasC)
    {
        var readsC = hasC && beta != 0;
        var ofC = readsC ? (rows - 1L) * rowStepC + (columns - 1L) * columnStepC + 1 : 0;
        return DenseKernel.OfFloats((inputs, output, set) =>
        {
            new Span<float>(output, rows * columns).Clear();
            var a = transA ? new FloatMatrixView((nint)inputs[0], 1, rows) : new((nint)inputs[0], inner, 1);
            var b = transB ? new FloatMatrixView((nint)inputs[1], 1, inner) : new((nint)inputs[1], columns, 1);
            FloatMatrix.Add(a, b, output, (rows, inner, columns), FloatProducts.For(set), set);
            if (alpha != 1) FloatLines.Multiply(output, alpha, rows * columns, set);
            if (!readsC) return;
            for (var row = 0; row < rows; row++)
            {
                var (y, c) = ((nint)(output + (long)row * columns), (nint)(inputs[2] + row * rowStepC));
                if (beta == 1 && columnStepC == 1) FloatLines.Add((float*)y, (float*)c, columns, set);
                else for (var column = 0; column < columns; column++) ((float*)y)[column] += beta * ((float*)c)[column * columnStepC];
            }
        }, (long)rows * columns, [(long)rows * inner, (long)inner * columns, .. hasC ? new[] { ofC } : []]);
    }
}
