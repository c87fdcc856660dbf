import { rowLayout } from '@graft/k210';
import type { ActivationSegment, ConvolutionLayer, ConvolutionRegisters } from '@graft/kmodel';
import { weightLoads } from '@graft/kmodel';

import { constant, kpu, main } from './netron-values';
import type { MeantNode } from './netron-values';

/** What netron should show of a convolution with 8-bit weights: it takes no others. */
export function meantConvolution(layer: ConvolutionLayer): MeantNode {
  const { flags, mainOut, registers, weights, batchNorm, activation } = layer;
  const { inputChannels, outputChannels, outputWidth, outputHeight, kernel, depthwise } = registers;
  // Netron writes [input, output, …] over bytes that are in order of [output, input, …].
  const shape = depthwise ? [outputChannels, kernel, kernel] : [inputChannels, outputChannels, kernel, kernel];
  // And shows both memories, whether the result goes to main memory or not.
  const results = [main(mainOut, [outputWidth, outputHeight, outputChannels]), kpu(registers.destinationLine)];
  const entries = batchNorm.map(({ multiplier, add, shift }) => ({
    norm_mul: unsigned(multiplier, 24),
    norm_add: add,
    norm_shift: shift,
  }));
  return {
    type: 'K210_CONV',
    inputs: [
      { name: 'input', values: [kpu(registers.sourceLine)] },
      { name: 'weights', values: [constant('uint8', shape, weights)] },
    ],
    outputs: [{ name: 'output', values: results }],
    attributes: { flags, ...statedRegisters(registers), ...derivedRegisters(registers) },
    chain: [
      { type: 'BATCH_NORM', attributes: { weights: entries } },
      { type: 'ACTIVATION', attributes: { activate_para: activation.map(meantSegment) } },
    ],
  };
}

function statedRegisters(registers: ConvolutionRegisters) {
  const { depthwise, inputHeight, inputWidth, outputHeight, outputWidth, padValue, shiftW, shiftX } = registers;
  return {
    interrupt_enabe: { int_en: 0, ram_flag: 0, full_add: 0, depth_wise_layer: depthwise ? 1 : 0 },
    image_size: {
      i_row_wid: inputWidth - 1,
      i_col_high: inputHeight - 1,
      o_row_wid: outputWidth - 1,
      o_col_high: outputHeight - 1,
    },
    kernel_pool_type_cfg: {
      kernel_type: registers.kernel === 3 ? 1 : 0,
      pad_type: 0,
      pool_type: registers.poolType,
      first_stride: 0,
      bypass_conv: 0,
      load_para: 1,
      dma_burst_size: 15,
      pad_value: padValue,
    },
    conv_value: {
      shr_w: shiftW,
      shr_x: shiftX,
      arg_w: unsigned(registers.argW, 24),
      arg_x: unsigned(registers.argX, 24),
    },
    conv_value2: { arg_add: wide(registers.argAdd, 40) },
  };
}

/** What follows from sizes and channels. */
function derivedRegisters(registers: ConvolutionRegisters) {
  const { inputHeight, inputWidth, inputChannels, outputHeight, outputWidth, outputChannels } = registers;
  const { channelsPerLoad, bytesPerLoad, loads } = weightLoads(registers, 8);
  const read = rowLayout(inputWidth);
  const write = rowLayout(outputWidth);
  return {
    image_channel_num: {
      i_ch_num: inputChannels - 1,
      o_ch_num: outputChannels - 1,
      o_ch_num_coef: channelsPerLoad - 1,
    },
    kernel_load_cfg: { load_coor: 1, load_time: loads - 1, para_size: bytesPerLoad },
    kernel_offset: { coef_column_offset: 0, coef_row_offset: 0 },
    kernel_calc_type_cfg: {
      channel_switch_addr: read.rowLines * inputHeight,
      row_switch_addr: read.rowLines,
      coef_size: 0,
      coef_group: read.groups,
      load_act: 1,
    },
    write_back_cfg: {
      wb_channel_switch_addr: write.rowLines * outputHeight,
      wb_row_switch_addr: write.rowLines,
      wb_group: write.groups,
    },
    dma_parameter: {
      send_data_out: 0,
      channel_byte_num: (outputWidth * outputHeight - 1) % 2 ** 16,
      dma_total_byte: outputWidth * outputHeight * outputChannels - 1,
    },
  };
}

function meantSegment({ start, multiplier, shift, bias }: ActivationSegment) {
  return { x_start: wide(start, 36), y_mul: unsigned(multiplier, 16), shift_number: shift, bias: (bias << 24) >> 24 };
}

/** Netron knows no sign of multipliers and arguments. */
function unsigned(value: number, bits: number): number {
  return value < 0 ? value + 2 ** bits : value;
}

/** Netron has 32 bits for a field of 36 or 40: those above come out on top of the lowest. */
function wide(value: number, bits: 36 | 40): number {
  const all = BigInt.asUintN(bits, BigInt(value));
  return Number(BigInt.asIntN(32, (all & 0xffffffffn) | (all >> 32n)));
}
