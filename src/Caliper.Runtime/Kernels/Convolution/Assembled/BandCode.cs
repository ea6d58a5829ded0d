using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Writes the function that computes bands of output rows for one block of output channels: band after band, and in it tile
/// after tile. What a tile is, the kinds of convolution say.
/// </summary>
internal abstract class BandCode(CodeWriter code, ConvolutionForm form)
{
    // The band, and the tile within it.
    protected const Register BandInput = Register.RSI, TileInput = Register.RDX;
    protected const Register BandOutput = Register.R9, TileOutput = Register.R10;
    protected const Register BandResidual = Register.R12, TileResidual = Register.R13;
    protected const Register BandsLeft = Register.R14, TilesLeft = Register.R15;

    protected CodeWriter Code => code;

    protected ConvolutionForm Form => form;

    /// <summary>Writes one function and returns its offset.</summary>
    /// <param name="band">The bands it computes.</param>
    /// <param name="vectors">Vectors of output channels.</param>
    /// <param name="channels">Output channels that exist.</param>
    public int WriteFunction(Band band, int vectors, int channels)
    {
        var layout = form.Walk.Layout(vectors, form.Epilogue.IsWide);
        var epilogue = new EpilogueCode(code, form.Epilogue, layout, channels);
        var start = code.BeginFunction();
        LoadArguments();
        epilogue.Prepare(Register.RAX);
        Prepare(band, layout);
        WriteBands(band, layout, epilogue);
        code.EndFunction();
        return start;
    }

    /// <summary>What happens once, before the first band.</summary>
    protected virtual void Prepare(Band band, BlockLayout layout) { }

    /// <summary>Writes the loop over bands.</summary>
    protected virtual void WriteBands(Band band, BlockLayout layout, EpilogueCode epilogue) => code.RepeatCounted(BandsLeft, () =>
    {
        BeginBand();
        RepeatTiles(band.WideTiles, () =>
        {
            WriteTile(band.Rows, band.Columns, layout, epilogue);
            NextTile(band.Columns);
        });
        if (band.LastColumns > 0) WriteTile(band.Rows, band.LastColumns, layout, epilogue);
        NextBand(band.Rows);
    });

    /// <summary>Writes the loop over wide tiles.</summary>
    protected virtual void RepeatTiles(int tiles, Action body) => code.Repeat(TilesLeft, tiles, body);

    /// <summary>Writes one tile.</summary>
    protected abstract void WriteTile(int rows, int columns, BlockLayout layout, EpilogueCode epilogue);

    /// <summary>The first tile is where the band is.</summary>
    protected virtual void BeginBand()
    {
        code.Copy(TileInput, BandInput);
        code.Copy(TileOutput, BandOutput);
        if (form.Epilogue.HasResidual) code.Copy(TileResidual, BandResidual);
    }

    /// <summary>On to the tile so many columns further.</summary>
    protected virtual void NextTile(int columns)
    {
        code.Advance(TileInput, columns * form.Input.Pixel);
        code.Advance(TileOutput, columns * form.Output.Pixel);
        if (form.Epilogue.HasResidual) code.Advance(TileResidual, columns * form.Residual.Pixel);
    }

    /// <summary>On to the band so many rows further.</summary>
    protected virtual void NextBand(int rows)
    {
        code.Advance(BandInput, rows * form.Input.Row);
        code.Advance(BandOutput, rows * form.Output.Row);
        if (form.Epilogue.HasResidual) code.Advance(BandResidual, rows * form.Residual.Row);
    }

    private void LoadArguments()
    {
        code.Load(BandInput, BandCall.At(BandCall.InputOffset));
        code.Load(BandOutput, BandCall.At(BandCall.OutputOffset));
        if (form.Epilogue.HasResidual) code.Load(BandResidual, BandCall.At(BandCall.ResidualOffset));
        code.Load(EpilogueCode.Block, BandCall.At(BandCall.BlockOffset));
        code.Load(EpilogueCode.Constants, BandCall.At(BandCall.ConstantsOffset));
        code.Load(BandsLeft, BandCall.At(BandCall.BandsOffset));
    }
}
